"""What the judges share; it stands beside each of them when they run."""

import socket
import time

#: A call that is over at once.
SHORT = """
name = "Reception"
[[steps]]
agent = "Sunrise Dental, hello?"
[[steps]]
end = "agent_hangup"
"""


def until(found, patience_s=60):
    """What ``found`` gives once it gives something; nobody may be there before."""
    deadline = time.monotonic() + patience_s
    refused = None
    while time.monotonic() < deadline:
        try:
            if result := found():
                return result
        except OSError as error:
            refused = error
        time.sleep(0.05)
    raise AssertionError("it does not come") from refused


def free_ports(*names):
    """A port on which nobody listens for each name."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    ports = {name: it.getsockname()[1] for name, it in zip(names, sockets)}
    for it in sockets:
        it.close()
    return ports
