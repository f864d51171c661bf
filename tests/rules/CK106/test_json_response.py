from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

FAILS = {
    "called": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json(), media_type="application/json")
        """
    ),
    "json-response-of-bytes": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        from fastapi.responses import JSONResponse
        return JSONResponse(content=result.json)
        """
    ),
    "bare-bytes": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return result.json
        """
    ),
    "bare-object": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return result
        """
    ),
    "object": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        from fastapi.responses import JSONResponse
        return JSONResponse(result)
        """
    ),
    "other-type": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="text/plain")
        """
    ),
    "no-type": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json)
        """
    ),
    "through-a-name": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        data = result.json
        return data
        """
    ),
    "printed": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=str(result), media_type="application/json")
        """
    ),
    "printed-bytes": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=f"{result.json}", media_type="application/json")
        """
    ),
    "wrapped": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return {"data": result.json.decode()}
        """
    ),
    "wrapped-object": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        from fastapi.responses import JSONResponse
        return JSONResponse({"data": result})
        """
    ),
    "wrapped-and-dumped": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        return Response(content=json.dumps({"data": json.loads(result.json)}), media_type="application/json")
        """
    ),
    "missing-method": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.model_dump_json(), media_type="application/json")
        """
    ),
    "dumped-object": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        return Response(content=json.dumps(result), media_type="application/json")
        """
    ),
    "dumped-twice": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        return Response(content=json.dumps(result.json.decode()), media_type="application/json")
        """
    ),
    "parsed-in-response": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        return Response(content=json.loads(result.json), media_type="application/json")
        """
    ),
    "vars": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return vars(result)
        """
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK106")) == {Outcome.FAIL}


PASSES = {
    "bytes": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "positional": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json, 200, None, "application/json")
        """
    ),
    "loaded": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        from fastapi.responses import JSONResponse
        return JSONResponse(content=json.loads(result.json))
        """
    ),
    "decoded": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json.decode(), media_type="application/json")
        """
    ),
    "fallback-never-taken": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        from fastapi.responses import JSONResponse
        if hasattr(result, "json"):
            return Response(content=result.json, media_type="application/json")
        return JSONResponse(result)
        """
    ),
    "header": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, headers={"Content-Type": "application/json"})
        """
    ),
    "decoded-by-str": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=str(result.json, "utf-8"), media_type="application/json")
        """
    ),
    "formatted-text": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=f"{result.json.decode()}", media_type="application/json")
        """
    ),
    "dumped-again": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        return Response(content=json.dumps(json.loads(result.json)), media_type="application/json")
        """
    ),
    "bare-data": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        import json
        return json.loads(result.json)
        """
    ),
    "more-bytes": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json + b"\\n", media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK106")) == {Outcome.PASS}
