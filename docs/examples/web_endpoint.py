"""A web endpoint: send it a clip, get the report. A client that goes away stops the work.

    PROVENANCE_ARCHIVE=newsroom uvicorn web_endpoint:app
    curl --data-binary @clip.mp4 "http://127.0.0.1:8000/check?claim=Soldiers&date=2024-10-29"

It takes files only, no addresses and no paths: those would be fetched or read by the server.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from provenance import ArchiveError, Claim, MediaError, ProvenanceError, UsageError, aio

LARGEST = 500 * 1024 * 1024  # bytes
STATUS = {UsageError: 400, MediaError: 422, ArchiveError: 503}
GONE = 499  # nobody reads it; for the server's own log


async def check(request):
    asked = request.query_params
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder, "clip")
        try:
            if not await received(request, clip):
                return JSONResponse({"error": f"More than {LARGEST} bytes."}, 413)
            claim = Claim(asked.get("claim"), date=asked.get("date"), place=asked.get("place"))
            work = asyncio.create_task(request.app.state.archive.check(clip, claim=claim))
            gone = asyncio.create_task(request.receive())  # after the body: only that it has left
            try:
                await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
                return JSONResponse((await work).to_dict()) if work.done() else Response(None, GONE)
            finally:
                for task in (work, gone):
                    task.cancel()
                await asyncio.wait({work, gone})  # its children have ended, the clip can go
        except ClientDisconnect:
            return Response(None, GONE)
        except ProvenanceError as error:
            kinds = (code for kind, code in STATUS.items() if isinstance(error, kind))
            return JSONResponse({"error": error.message, "hint": error.hint}, next(kinds, 500))


async def received(request, clip):
    """Write the body to a file; whether it was small enough."""
    size = 0
    with clip.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST:
                return False
            file.write(part)
    return True


@contextlib.asynccontextmanager
async def lifespan(app):
    async with aio.Archive.open(at_once=2) as app.state.archive:
        yield


app = Starlette(routes=[Route("/check", check, methods=["POST"])], lifespan=lifespan)
