"""Runs CloudFront Functions (runtime cloudfront-js-2.0) in QuickJS, which is small and has no doors to the outside.

Each run gets an interpreter of its own: at the edge, too, nothing is kept from one request to the next.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

MEMORY_BYTES = 8 << 20  # CloudFront gives 2 MB; the interpreter's own built-ins need some of this
SECONDS = 1.0  # of CPU time: the real limit is about a millisecond, on another machine

# The one module there is. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
IMPORT = re.compile(r"^[ \t]*import[ \t]+(?P<name>\w+)[ \t]+from[ \t]+['\"]cloudfront['\"];?", re.MULTILINE)
MODULE = """
globalThis.__cloudfront = ((stores) => ({
  kvs: (id) => {
    const pairs = id === undefined ? stores[Object.keys(stores)[0]] : stores[id];
    if (!pairs) throw new Error('KeyValueStoreNotFound');
    return {
      async get(key, options) {
        if (!Object.hasOwn(pairs, key)) throw new Error('KeyNotFound');
        const format = options && options.format || 'string';
        if (format === 'json') return JSON.parse(pairs[key]);
        if (format !== 'string') throw new Error('the format ' + format + ' does not exist here');
        return pairs[key];
      },
      async exists(key) { return Object.hasOwn(pairs, key); },
      async count() { return Object.keys(pairs).length; },
    };
  },
}))(%s);
"""
CALL = """
globalThis.__outcome = '';
globalThis.console = { log() {}, error() {} };
(async () => handler(%s))().then(
  (value) => { __outcome = JSON.stringify({ value }); },
  (error) => { __outcome = JSON.stringify({ error: String(error) }); },
);
"""


class FunctionFailed(Exception):
    """A function raised an error, ran too long, or could not be read."""


class NoEngine(Exception):
    """QuickJS is not installed, which is so where there is no wheel of it."""


def run(code: str, event: Mapping[str, Any], stores: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Call the code's `handler` with an event and return what it returns.

    `stores` holds the pairs of the associated key value stores by their ids.
    Raises FunctionFailed, and NoEngine where functions cannot be run at all.
    """
    try:
        import quickjs
    except ImportError as error:
        raise NoEngine("CloudFront functions cannot be run: pip install quickjs-ng") from error
    context = quickjs.Context()
    context.set_memory_limit(MEMORY_BYTES)
    context.set_time_limit(SECONDS)
    try:
        context.eval(MODULE % json.dumps(stores))
        context.eval(IMPORT.sub(r"const \g<name> = __cloudfront;", code))
        context.eval(CALL % json.dumps(event))
        ends_at = time.monotonic() + SECONDS
        while context.execute_pending_job():
            if time.monotonic() > ends_at:  # a function may wait for ever in steps that are short each
                raise FunctionFailed("it took too long")
        outcome = json.loads(context.eval("__outcome") or '{"error": "the promise was never kept"}')
    except (quickjs.JSException, ValueError) as error:
        raise FunctionFailed(str(error)) from error
    if "error" in outcome:
        raise FunctionFailed(outcome["error"])
    value = outcome.get("value")
    if not isinstance(value, dict):
        raise FunctionFailed("it returned neither a request nor a response")
    return value
