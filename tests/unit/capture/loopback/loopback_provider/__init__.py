"""A provider of models on loopback that speaks each wire API, and fails as it is told to.

`wires.py` has the APIs, `server.py` the scripted ends, `drivers.py` the clients that ask it.
"""
