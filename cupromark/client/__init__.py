"""Client of the HTTP service, blocking and asynchronous; it needs nothing but httpx.

::

    from cupromark.client import Client

    with Client("http://127.0.0.1:8000", api_key=key) as service:
        answer = service.predict(
            genes=["FDX1", "DLAT", ...], values=[[5.2, 6.1, ...]], scale="log2_tpm"
        )
        for prediction in answer["predictions"]:
            print(prediction["drug"], prediction["probability_sensitive"], prediction["label"])
"""

from cupromark.client.asynchronous import AsyncClient
from cupromark.client.blocking import Client
from cupromark.client.errors import ClientSettingError, ServiceError, UnreachableError

__all__ = [
    "AsyncClient",
    "Client",
    "ClientSettingError",
    "ServiceError",
    "UnreachableError",
]
