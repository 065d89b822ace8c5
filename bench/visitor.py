"""One browser of a class without the browser: a pass, a socket of Streamlit's protocol with its widgets, and uploads over HTTP."""

from __future__ import annotations

import io
import zipfile
from types import TracebackType
from typing import NamedTuple, Self

import httpx2
import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from pages.ui.server.door import COOKIE

_SECONDS = 120
_XSRF = "_streamlit_xsrf"


class Answer(NamedTuple):
    """What a rerun sent: all bytes, whether it showed an error, and the ids of its widgets by the key or label of each."""

    content: bytes
    failed: bool
    widgets: dict[str, str]


class Visitor:
    """A session on the server; a context manager, which connects and hangs up."""

    def __init__(self, url: str, client: httpx2.Client, held: str) -> None:
        self._url, self._client, self._held = url, client, held
        self._widgets = WidgetStates()
        self._session = ""

    def __enter__(self) -> Self:
        headers = {"Cookie": f"{COOKIE}={self._held}", "Origin": self._url}
        address = f"{self._url.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket = connect(
            address, additional_headers=headers, subprotocols=[Subprotocol("streamlit")], max_size=None, open_timeout=_SECONDS
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def rerun(self, page: str, query: str) -> Answer:
        """Ask for a page as it stands with the widgets that were set; all that came until its script had ended."""
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        asked.rerun_script.widget_states.CopyFrom(self._widgets)
        self._socket.send(asked.SerializeToString())
        came: list[bytes] = []
        failed, widgets = False, dict[str, str]()
        while True:
            content = self._socket.recv(_SECONDS, decode=False)
            message = ForwardMsg.FromString(content)
            came.append(content)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._session = message.new_session.initialize.session_id or self._session
            if kind == "delta":
                element = message.delta.new_element
                failed = failed or element.HasField("exception") or b"Something went wrong on this page" in content
                widgets |= _widget(element)
            if kind == "script_finished":
                return Answer(b"".join(came), failed, widgets)

    def choose(self, widget: str, value: str) -> None:
        """Set a row of buttons for the reruns to come."""
        state = self._widgets.widgets.add()
        state.id = widget
        state.string_array_value.data.append(value)

    def upload(self, widget: str, name: str, data: bytes) -> int:
        """Upload a file as the page's field does, for the reruns to come; the status of the answer."""
        asked = BackMsg()
        asked.file_urls_request.request_id, asked.file_urls_request.session_id = "1", self._session
        asked.file_urls_request.file_names.append(name)
        self._socket.send(asked.SerializeToString())
        while True:
            message = ForwardMsg.FromString(self._socket.recv(_SECONDS, decode=False))
            if message.WhichOneof("type") == "file_urls_response":
                break
        (urls,) = message.file_urls_response.file_urls
        self._client.get("/_stcore/health")  # which brings the token, as to a browser
        token = self._client.cookies.get(_XSRF) or ""
        headers = {"Cookie": f"{COOKIE}={self._held}; {_XSRF}={token}", "X-Xsrftoken": token, "Origin": self._url}
        answer = self._client.put(urls.upload_url, files={name: (name, data)}, headers=headers)
        state = self._widgets.widgets.add()
        state.id = widget
        state.file_uploader_state_value.uploaded_file_info.append(
            UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)
        )
        return answer.status_code


def pictures(mark: str, seed: int) -> bytes:
    """A ZIP of twenty pictures of two classes whose names carry a mark."""
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 28, 28), np.uint8)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, picture in enumerate(pixels):
            one = io.BytesIO()
            Image.fromarray(picture).save(one, "PNG")
            archive.writestr(f"{mark}-{'ab'[number % 2]}/{number}.png", one.getvalue())
    return file.getvalue()


def _widget(element: Element) -> dict[str, str]:
    kind = element.WhichOneof("type")
    if kind not in ("button_group", "file_uploader"):
        return {}
    found = getattr(element, kind)
    return {found.label: found.id}
