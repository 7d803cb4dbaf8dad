/* A module for net-snmp's agent: a computed table with any number of rows.
 *
 * It serves ENTRY.<column 1..10>.<row 1..rows>.  Each value is computed from its row, so a response costs little more
 * than the agent's own work.  FAST_TABLE_ROWS in the environment is the number of rows.
 * The benchmarks build it and load it with "dlmod fast_table <file>".
 */
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

static const oid entry[] = {1, 3, 6, 1, 4, 1, 58888, 1, 1};
#define ENTRY_LENGTH (sizeof entry / sizeof *entry)
#define COLUMNS 10

static oid last_row = 4000;

/* ---------------------------------------------------------------------------------------- the columns */

static void set_number(netsnmp_variable_list *cell, u_char type, unsigned long number)
{
    long value = (long)(number & 0xffffffffUL);
    snmp_set_var_typed_value(cell, type, &value, sizeof value);
}

static void set_wide(netsnmp_variable_list *cell, unsigned long high, unsigned long low)
{
    struct counter64 value;
    value.high = high & 0xffffffffUL;
    value.low = low & 0xffffffffUL;
    snmp_set_var_typed_value(cell, ASN_COUNTER64, &value, sizeof value);
}

static void set_name(netsnmp_variable_list *cell, oid row)
{
    char text[40];
    int length = snprintf(text, sizeof text, "GigabitEthernet0/%lu", (unsigned long)row);
    snmp_set_var_typed_value(cell, ASN_OCTET_STR, text, (size_t)length);
}

static void set_hardware_address(netsnmp_variable_list *cell, oid row)
{
    u_char octets[6] = {2, 0, 0, 0, (u_char)(row >> 8), (u_char)row};
    snmp_set_var_typed_value(cell, ASN_OCTET_STR, octets, sizeof octets);
}

static void set_cell(netsnmp_variable_list *cell, oid column, oid row)
{
    static const oid product[] = {1, 3, 6, 1, 4, 1, 8072, 3, 2, 10};
    u_char address[4] = {10, 0, (u_char)(row >> 8), (u_char)row};

    switch (column) {
    case 1: set_number(cell, ASN_INTEGER, row); break;
    case 2: set_name(cell, row); break;
    case 3: set_number(cell, ASN_COUNTER, row * 2654435761UL); break;
    case 4: set_number(cell, ASN_GAUGE, row * 1000003UL); break;
    case 5: set_number(cell, ASN_TIMETICKS, row * 100UL); break;
    case 6: set_wide(cell, row, row * 2654435761UL); break;
    case 7: snmp_set_var_typed_value(cell, ASN_IPADDRESS, address, sizeof address); break;
    case 8: snmp_set_var_typed_value(cell, ASN_OBJECT_ID, product, sizeof product); break;
    case 9: set_hardware_address(cell, row); break;
    default: set_wide(cell, 0xffffffffUL, row); break;
    }
}

/* ------------------------------------------------------------------------------------------ the names */

/* Whether a name is a cell's. */
static int find_cell(const netsnmp_variable_list *cell, oid *column, oid *row)
{
    if (cell->name_length != ENTRY_LENGTH + 2)
        return 0;
    *column = cell->name[ENTRY_LENGTH];
    *row = cell->name[ENTRY_LENGTH + 1];
    return 1 <= *column && *column <= COLUMNS && 1 <= *row && *row <= last_row;
}

/* Find the first cell after a name; return 0 if there is none. */
static int find_next_cell(const netsnmp_variable_list *cell, oid *column, oid *row)
{
    int order = snmp_oid_ncompare(cell->name, cell->name_length, entry, ENTRY_LENGTH, ENTRY_LENGTH);
    size_t deeper = cell->name_length > ENTRY_LENGTH ? cell->name_length - ENTRY_LENGTH : 0;

    *column = 1;
    *row = 1;
    if (order > 0)
        return 0;
    if (order < 0 || deeper == 0 || cell->name[ENTRY_LENGTH] == 0)
        return 1;
    *column = cell->name[ENTRY_LENGTH];
    if (deeper > 1)
        *row = cell->name[ENTRY_LENGTH + 1] + 1;
    if (*row > last_row) {
        *column += 1;
        *row = 1;
    }
    return *column <= COLUMNS;
}

static int answer(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                  netsnmp_agent_request_info *information, netsnmp_request_info *request)
{
    oid name[ENTRY_LENGTH + 2];
    oid column, row;

    (void)handler;
    (void)registration;
    memcpy(name, entry, sizeof entry);
    for (; request != NULL; request = request->next) {
        netsnmp_variable_list *cell = request->requestvb;
        if (request->processed)
            continue;
        if (information->mode == MODE_GET) {
            if (find_cell(cell, &column, &row))
                set_cell(cell, column, row);
            else
                netsnmp_set_request_error(information, request, SNMP_NOSUCHINSTANCE);
        } else if (information->mode == MODE_GETNEXT && find_next_cell(cell, &column, &row)) {
            name[ENTRY_LENGTH] = column;
            name[ENTRY_LENGTH + 1] = row;
            snmp_set_var_objid(cell, name, ENTRY_LENGTH + 2);
            set_cell(cell, column, row);
        }
    }
    return SNMP_ERR_NOERROR;
}

void init_fast_table(void)
{
    const char *rows = getenv("FAST_TABLE_ROWS");
    if (rows != NULL && strtoul(rows, NULL, 10) > 0)
        last_row = (oid)strtoul(rows, NULL, 10);
    netsnmp_register_handler(
        netsnmp_create_handler_registration("fast_table", answer, entry, ENTRY_LENGTH, HANDLER_CAN_RONLY));
}
