"""AWS's own wire protocols in front of the engine: any AWS client works.

In:  HTTP requests of AWS clients (JSON 1.0 and 1.1, query/XML, rpc-v2-CBOR).
Out: calls on `engine`, and their results or errors in the protocol that asked.
"""
