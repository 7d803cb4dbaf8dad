/* A contestant (see benchmarks/contestants.py for the protocol) directly on net-snmp's C library: its single-session
 * API over TCP, blocking for "get", "walk" and "plain", asynchronous with a window for "many".
 *
 *     libsnmp_client PORT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>

#define BATCH 200
#define WINDOW 100
#define REPETITIONS 50
#define DEFAULT_REPETITIONS 10 /* of snmpbulkwalk */

static const oid uptime[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
static const oid table[] = {1, 3, 6, 1, 4, 1, 58888, 1};
#define LENGTH(name) (sizeof name / sizeof *name)

static char peer[64];

static void give_up(const char *what)
{
    fprintf(stderr, "libsnmp_client: %s\n", what);
    exit(1);
}

/* ------------------------------------------------------------------------------------------- sessions */

static void *open_session(int protected)
{
    static const char user[] = "sha256aes", auth[] = "benchmark-authentication", priv[] = "benchmark-privacy";
    netsnmp_session session;
    void *opened;

    snmp_sess_init(&session);
    session.peername = peer;
    session.timeout = 30000000L;
    if (!protected) {
        session.version = SNMP_VERSION_2c;
        session.community = (u_char *)"public";
        session.community_len = strlen("public");
    } else {
        session.version = SNMP_VERSION_3;
        session.securityName = (char *)user;
        session.securityNameLen = strlen(user);
        session.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
        session.securityAuthProto = usmHMAC192SHA256AuthProtocol;
        session.securityAuthProtoLen = OID_LENGTH(usmHMAC192SHA256AuthProtocol);
        session.securityAuthKeyLen = USM_AUTH_KU_LEN;
        session.securityPrivProto = usmAESPrivProtocol;
        session.securityPrivProtoLen = OID_LENGTH(usmAESPrivProtocol);
        session.securityPrivKeyLen = USM_PRIV_KU_LEN;
        if (generate_Ku(session.securityAuthProto, session.securityAuthProtoLen, (const u_char *)auth, strlen(auth),
                        session.securityAuthKey, &session.securityAuthKeyLen) != SNMPERR_SUCCESS ||
            generate_Ku(session.securityAuthProto, session.securityAuthProtoLen, (const u_char *)priv, strlen(priv),
                        session.securityPrivKey, &session.securityPrivKeyLen) != SNMPERR_SUCCESS)
            give_up("no keys from the passwords");
    }
    opened = snmp_sess_open(&session);
    if (opened == NULL)
        give_up("no session");
    return opened;
}

static netsnmp_pdu *get_pdu(void)
{
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
    snmp_add_null_var(pdu, uptime, LENGTH(uptime));
    return pdu;
}

/* ---------------------------------------------------------------------------------------------- works */

static long get(void *session)
{
    int at;
    for (at = 0; at < BATCH; at++) {
        netsnmp_pdu *response = NULL;
        if (snmp_sess_synch_response(session, get_pdu(), &response) != STAT_SUCCESS || response->errstat)
            give_up("a GET failed");
        snmp_free_pdu(response);
    }
    return BATCH;
}

static long walk_by(void *session, int repetitions)
{
    oid at[MAX_OID_LEN];
    size_t length = LENGTH(table);
    long found = 0;

    memcpy(at, table, sizeof table);
    for (;;) {
        netsnmp_pdu *response = NULL, *pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
        netsnmp_variable_list *cell;
        pdu->non_repeaters = 0;
        pdu->max_repetitions = repetitions;
        snmp_add_null_var(pdu, at, length);
        if (snmp_sess_synch_response(session, pdu, &response) != STAT_SUCCESS || response->errstat)
            give_up("a GETBULK failed");
        for (cell = response->variables; cell != NULL; cell = cell->next_variable) {
            if (snmp_oid_ncompare(cell->name, cell->name_length, table, LENGTH(table), LENGTH(table)) != 0 ||
                cell->type == SNMP_ENDOFMIBVIEW || snmp_oid_compare(cell->name, cell->name_length, at, length) <= 0) {
                snmp_free_pdu(response);
                return found;
            }
            memcpy(at, cell->name, cell->name_length * sizeof(oid));
            length = cell->name_length;
            found++;
        }
        snmp_free_pdu(response);
    }
}

static long walk(void *session)
{
    return walk_by(session, REPETITIONS);
}

static long plain(void *session)
{
    return walk_by(session, DEFAULT_REPETITIONS);
}

struct window {
    void *session;
    long sent, answered;
};

static int take_answer(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *magic)
{
    struct window *window = magic;
    (void)session;
    (void)id;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || pdu->errstat)
        give_up("a GET in flight failed");
    window->answered++;
    return 1;
}

static long many(void *session)
{
    struct window window = {session, 0, 0};
    const long all = 10L * WINDOW;

    while (window.answered < all) {
        netsnmp_large_fd_set readable;
        struct timeval timeout = {30, 0};
        int block = 0, sockets = 0;
        while (window.sent < all && window.sent - window.answered < WINDOW) {
            if (!snmp_sess_async_send(session, get_pdu(), take_answer, &window))
                give_up("sending failed");
            window.sent++;
        }
        netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
        snmp_sess_select_info2(session, &sockets, &readable, &timeout, &block);
        timeout.tv_sec = 30;
        if (netsnmp_large_fd_set_select(sockets, &readable, NULL, NULL, &timeout) <= 0)
            give_up("silence");
        snmp_sess_read2(session, &readable);
        netsnmp_large_fd_set_cleanup(&readable);
    }
    return all;
}

static long (*work_named(const char *name))(void *)
{
    if (!strncmp(name, "get", 3))
        return get;
    if (!strncmp(name, "many", 4))
        return many;
    return strncmp(name, "plain", 5) ? walk : plain;
}

/* --------------------------------------------------------------------------------------- the protocol */

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    char line[128], work[16];
    double seconds;
    void *sessions[2];

    if (argc != 2)
        give_up("one argument: the port");
    snprintf(peer, sizeof peer, "tcp:127.0.0.1:%s", argv[1]);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    init_snmp("libsnmp_client");
    sessions[0] = open_session(0);
    sessions[1] = open_session(1);
    printf("%s\n", netsnmp_get_version());
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "%15s %lf", work, &seconds) == 2) {
        size_t size = strlen(work);
        int protected = work[size - 1] == '3';
        long (*batch)(void *) = work_named(work);
        double cpu = cpu_seconds(), began = wall_seconds();
        long operations = 0;
        while (wall_seconds() - began < seconds)
            operations += batch(sessions[protected]);
        printf("%ld %f %f\n", operations, cpu_seconds() - cpu, wall_seconds() - began);
        fflush(stdout);
    }
    return 0;
}
