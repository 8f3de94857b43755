"""conformance_hooks.py: what schemathesis must not do to the machine it runs on: only documents of the tests are learned, no
model writes more than a word, and nobody else is asked."""
import os

import schemathesis

DOCUMENTS = os.environ["SKY_CONFORMANCE_DOCUMENTS"]


@schemathesis.hook
def map_body(context, body):
    operation = context.operation.definition.raw.get("operationId")
    if not isinstance(body, dict):
        return body
    if operation == "learn" and isinstance(body.get("paths"), list):
        body["paths"] = [DOCUMENTS + path if isinstance(path, str) and path.startswith("/") else path for path in body["paths"]]
    if operation in ("providerNew", "providerChange"):
        body["enabled"] = False  # nobody else's server is asked
    if operation == "createChatCompletion":
        body["max_tokens"] = 1
    if operation == "chatMessage" and body.get("level_max") not in ("L0", "L1"):
        body["level_max"] = "L1"
    return body
