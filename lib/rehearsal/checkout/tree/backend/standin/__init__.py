"""Means that the stand-in programs share: database, web server, web client, exchange."""
