"""What passes between Python and a guest: JSON values."""

from __future__ import annotations

import json
from typing import Any

from .errors import InvalidArgument


def encode(value: Any) -> bytes:
    """JSON for the guest."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise InvalidArgument(f"this value cannot be passed to the guest: {cause}", code="invalid_argument") from cause


decode = json.loads
