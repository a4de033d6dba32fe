import socket

import pytest

from serving.errors import SettingsError
from serving.server import bind


def test_port_0_takes_a_free_one():
    with bind("127.0.0.1", 0) as one, bind("127.0.0.1", 0) as other:
        assert one.getsockname()[1] != other.getsockname()[1] != 0


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "not an address"])
def test_an_address_that_is_not_ours_is_named(host):
    with pytest.raises(SettingsError) as refused:
        bind(host, 0)
    assert host in refused.value.found


def test_a_port_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)):
            bind("127.0.0.1", port)
