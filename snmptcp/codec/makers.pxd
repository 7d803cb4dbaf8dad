# The constructors of makers.py as C functions.
cdef extern from *:
    """
    static inline PyObject *snmptcp_new(PyTypeObject *base, PyObject *kind, PyObject *content) {
        PyObject *made, *arguments = PyTuple_New(1);
        if (arguments == NULL) return NULL;
        Py_INCREF(content);
        PyTuple_SET_ITEM(arguments, 0, content);
        made = base->tp_new((PyTypeObject *)kind, arguments, NULL);
        Py_DECREF(arguments);
        return made;
    }

    static inline PyObject *snmptcp_new_oid(PyObject *kind) {
        return ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, 0);
    }

    static inline PyObject *snmptcp_new_int(PyObject *kind, PyObject *number) {
        return snmptcp_new(&PyLong_Type, kind, number);
    }

    static inline PyObject *snmptcp_new_bytes(PyObject *kind, PyObject *octets) {
        return snmptcp_new(&PyBytes_Type, kind, octets);
    }

    static inline PyObject *snmptcp_new_tuple(PyObject *kind, PyObject *items) {
        Py_ssize_t at, size = PyTuple_GET_SIZE(items);
        PyObject *made = ((PyTypeObject *)kind)->tp_alloc((PyTypeObject *)kind, size);
        if (made == NULL) return NULL;
    #if PY_VERSION_HEX >= 0x030E0000
        ((PyTupleObject *)made)->ob_hash = -1;  /* not hashed yet; 0 would be taken for its hash */
    #endif
        for (at = 0; at < size; at++) {
            PyObject *item = PyTuple_GET_ITEM(items, at);
            Py_INCREF(item);
            PyTuple_SET_ITEM(made, at, item);
        }
        return made;
    }

    static inline PyObject *snmptcp_read(PyObject *octets, int is_signed) {
        Py_ssize_t at, size = PyBytes_GET_SIZE(octets);
        const unsigned char *first = (const unsigned char *)PyBytes_AS_STRING(octets);
        unsigned long long number = is_signed && size && first[0] & 0x80 ? ~0ULL : 0;
        if (size > 8) {
            if (size > 9 || is_signed || first[0]) {
                PyErr_SetString(PyExc_OverflowError, "a number of more than eight octets");
                return NULL;
            }
        }
        for (at = 0; at < size; at++) number = number << 8 | first[at];
        return is_signed ? PyLong_FromLongLong((long long)number) : PyLong_FromUnsignedLongLong(number);
    }
    """
    object new_oid "snmptcp_new_oid"(object kind)
    object new_int "snmptcp_new_int"(object kind, object number)
    object new_bytes "snmptcp_new_bytes"(object kind, bytes octets)
    object new_tuple "snmptcp_new_tuple"(object kind, tuple items)
    object snmptcp_read(bytes octets, bint is_signed)

cdef inline object read_unsigned(bytes octets):
    return snmptcp_read(octets, False)

cdef inline object read_signed(bytes octets):
    return snmptcp_read(octets, True)
