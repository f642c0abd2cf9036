"""Ports from MASTER_PORT_MANIFEST.json. An unknown name is said aloud and becomes 3000, as in REC.IO."""
import json
import os

from backend.util.paths import get_host

PORT_CONFIG_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config", "MASTER_PORT_MANIFEST.json")


def list_all_ports():
    with open(PORT_CONFIG_FILE, encoding="utf-8") as file:
        manifest = json.load(file)
    both = {**manifest.get("watchdog_services", {}), **manifest.get("core_services", {})}
    return {name: entry["port"] for name, entry in both.items()}


def get_port(service_name):
    try:
        return list_all_ports()[service_name]
    except Exception as failure:
        print("No port for %s in the manifest: %r" % (service_name, failure), flush=True)
        return 3000


def get_service_url(service_name, endpoint=""):
    return "http://%s:%d%s" % (get_host(), get_port(service_name), endpoint)


def get_port_info():
    ports, host = list_all_ports(), "localhost"
    urls = {name: "http://%s:%d" % (host, port) for name, port in ports.items()}
    return {"ports": ports, "service_urls": urls, "config_file": PORT_CONFIG_FILE, "host": host}
