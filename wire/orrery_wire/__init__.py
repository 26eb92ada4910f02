"""What hub, server, engine and kernels exchange: the errors, the base shapes, and the shapes that cross the network.

Imports pydantic and nothing else; this module itself imports nothing, so that a kernel can import the package.
"""
