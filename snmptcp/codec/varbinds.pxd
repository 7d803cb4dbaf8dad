# Types in C for the loop that decodes variable bindings.
cimport cython
from snmptcp.codec cimport makers

ctypedef const unsigned char *Octets

cdef list _KINDS, _OCTETS, _WIDTHS

@cython.locals(
    varbinds=list, checked=bytes, name=bytes, octets=Octets, at=Py_ssize_t, stop=Py_ssize_t,
    name_stop=Py_ssize_t, length=Py_ssize_t, tag=Py_ssize_t, width=Py_ssize_t,
)
cpdef tuple decode_varbinds(bytes data, Py_ssize_t offset, Py_ssize_t end)
