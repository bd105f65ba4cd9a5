"""The SDKs for Python of OpenAI and Anthropic, and LiteLLM's: error classes, stream helpers, tools, timeouts; prints TAP."""
import json
import os
import sys
import time
import traceback
import urllib.request

GATEWAY, PROVIDER, KEY = os.environ["BASE_URL"], os.environ["PROVIDER"], "program-key"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
USER = [{"role": "user", "content": "go"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RAIN = {"calls": [{"weather": {"city": "Oslo"}}]}
CUT = {"text": "Half of an answer that", "cut": True}
tests = []
models = 0


def play(*steps):
    body = json.dumps({"steps": steps}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{PROVIDER}/_play", body)).read()


def heard():
    return json.load(urllib.request.urlopen(f"{PROVIDER}/_heard"))


def test(name):
    def keep(function):
        tests.append((name, function))
        return function
    return keep


def fails(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("no error")


def check(condition, seen=None):
    if not condition:
        raise AssertionError(repr(seen))


import anthropic
import openai

oa = openai.OpenAI(base_url=f"{GATEWAY}/v1", api_key=KEY, max_retries=0)
an = anthropic.Anthropic(base_url=GATEWAY, api_key=KEY, max_retries=0)
OWN = {
    "chat": lambda model, **more: oa.with_options(**more).chat.completions.create(model=model, messages=USER),
    "responses": lambda model, **more: oa.with_options(**more).responses.create(model=model, input="go"),
    "messages": lambda model, **more: an.with_options(**more).messages.create(model=model, max_tokens=100,
                                                                              messages=USER),
}
FAILURES = [
    ("authentication", {"status": 401, "type": "authentication_error", "message": "Bad key."}, 401,
     "AuthenticationError"),
    ("permission", {"status": 403, "type": "permission_error", "message": "Not allowed."}, 403,
     "PermissionDeniedError"),
    ("model_not_found", {"status": 404, "type": "not_found_error", "code": "model_not_found",
                         "message": "No such model."}, 404, "NotFoundError"),
    ("invalid_request", {"status": 400, "type": "invalid_request_error", "message": "Bad temperature."}, 400,
     "BadRequestError"),
    ("invalid_request", {"status": 422, "type": "invalid_request_error", "message": "Bad temperature."}, 422,
     "UnprocessableEntityError"),
    ("rate_limit", {"status": 429, "type": "rate_limit_error", "message": "Slow down."}, 429, "RateLimitError"),
    ("quota_exhausted", {"status": 429, "type": "insufficient_quota", "code": "insufficient_quota",
                         "message": "You exceeded your current quota."}, 429, "RateLimitError"),
    ("upstream_5xx", {"status": 500, "type": "api_error", "message": "Boom."}, 500, "InternalServerError"),
    ("overloaded", {"status": 503, "type": "overloaded_error", "message": "Overloaded."}, 503, None),
    ("upstream_cut", {"text": "Never seen", "cut": True}, 502, "InternalServerError"),
]


def check_failure(dialect, model, step, status, name):
    global models
    models += 1  # one of its own: a 429 and an empty account are remembered for a model
    play(step)
    error = fails(lambda: OWN[dialect](f"{model}{models}"))
    library = anthropic if dialect == "messages" else openai
    check(isinstance(error, getattr(library, name) if name else library.APIStatusError), error)
    check(error.status_code == status, error)
    check(step.get("message", "") in str(error), error)
    check(error.request_id, "no request id")
    body = error.body["error"] if dialect == "messages" else error.body
    check(isinstance(body["type"], str) and isinstance(body["message"], str), body)


for DIALECT in OWN:
    for MODEL in ("native:p", "claude:p" if DIALECT == "chat" else "chat:p", "gemini:p"):
        for REASON, STEP, STATUS, NAME in FAILURES:
            test(f"Python, {DIALECT} at {MODEL}: {REASON} ({STATUS}) is {NAME or 'an APIStatusError'}")(
                lambda d=DIALECT, m=MODEL, s=STEP, c=STATUS, n=NAME: check_failure(d, m, s, c, n))


@test("Python: all SDKs wait as Retry-After says")
def waits():
    for dialect, call in OWN.items():
        play({"status": 429, "type": "rate_limit_error", "message": "Slow down.", "headers": {"Retry-After": "1"}})
        began = time.monotonic()
        call(f"native:wait-{dialect}", max_retries=1)
        check(time.monotonic() - began >= 0.9, dialect)


@test("Python: a timeout of the client's is its own class")
def timeouts():
    for dialect, call in OWN.items():
        play({"text": "late", "wait": 3})
        error = fails(lambda: call("native:p", timeout=0.5))
        check(isinstance(error, (openai.APITimeoutError, anthropic.APITimeoutError)), error)


for MODEL in ("native:p", "chat:p", "claude:p", "gemini:p"):
    @test(f"OpenAI for Python, chat at {MODEL}: stream helper with a tool; a cut is an error")
    def chat(model=MODEL):
        play({"thought": "Hm.", "text": "I look.", **RAIN}, CUT)
        tools = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
        with oa.chat.completions.stream(model=model, messages=USER, tools=tools) as stream:
            answer = stream.get_final_completion().choices[0]
        check(answer.message.content == "I look.", answer)
        check(json.loads(answer.message.tool_calls[0].function.arguments) == {"city": "Oslo"}, answer)
        error = fails(lambda: list(oa.chat.completions.create(model=model, messages=USER, stream=True)))
        check(isinstance(error, openai.APIError), error)

    @test(f"OpenAI for Python, responses at {MODEL}: stream helper with a tool; a cut is an error")
    def responses(model=MODEL):
        play({"thought": "Hm.", "text": "I look.", **RAIN}, CUT)
        tools = [{"type": "function", "name": "weather", "parameters": SCHEMA}]
        with oa.responses.stream(model=model, input="go", tools=tools) as stream:
            answer = stream.get_final_response()
        check(answer.output_text == "I look.", answer)
        check(answer.usage.input_tokens == 1000, answer)

        def again():
            with oa.responses.stream(model=model, input="go") as stream:
                stream.get_final_response()
        fails(again)

    @test(f"Anthropic for Python at {MODEL}: its runner calls a tool; a cut is an error; tokens are counted")
    def messages(model=MODEL):
        cities = []

        @anthropic.beta_tool
        def weather(city: str) -> str:
            """The weather of a city."""
            cities.append(city)
            return "rain"
        play({"text": "I look.", **RAIN}, {"text": "Rain."}, CUT)
        runner = an.beta.messages.tool_runner(model=model, max_tokens=100, messages=USER, tools=[weather])
        answer = runner.until_done()
        check(answer.content[0].text == "Rain." and cities == ["Oslo"], answer)

        def again():
            with an.messages.stream(model=model, max_tokens=100, messages=USER) as stream:
                stream.get_final_message()
        error = fails(again)
        check(isinstance(error, anthropic.APIError), error)
        check(an.messages.count_tokens(model=model, messages=USER).input_tokens > 0)


def litellm_tests():
    import litellm
    litellm.num_retries = 0
    ways = {"openai/": {"api_base": f"{GATEWAY}/v1"}, "anthropic/": {"api_base": GATEWAY}}
    for way, where in ways.items():
        for model in ("native:l", "chat:l", "claude:l", "gemini:l"):
            @test(f"LiteLLM, {way} at {model}: text, tool, stream, cut, errors")
            def turns(way=way, where=where, model=model):
                def ask(kind="", **more):
                    return litellm.completion(model=way + model + kind, messages=USER, api_key=KEY, max_tokens=100,
                                              max_retries=0, **where, **more)
                tools = [{"type": "function", "function": {"name": "weather", "description": "w",
                                                           "parameters": SCHEMA}}]
                play({"text": "Four."}, {"text": "I look.", **RAIN}, {"text": "I look.", **RAIN}, CUT)
                check(ask().choices[0].message.content == "Four.")
                call = ask(tools=tools).choices[0].message.tool_calls[0].function
                check(json.loads(call.arguments) == {"city": "Oslo"}, call)
                built = litellm.stream_chunk_builder(list(ask(tools=tools, stream=True)))
                check(json.loads(built.choices[0].message.tool_calls[0].function.arguments) == {"city": "Oslo"}, built)
                fails(lambda: list(ask(stream=True)))
                for status, kind, code, message, name in (
                        (429, "rate_limit_error", None, "Slow down.", "RateLimitError"),
                        (401, "authentication_error", None, "Bad key.", "AuthenticationError"),
                        (400, "invalid_request_error", "context_length_exceeded", "prompt is too long: 250000 tokens "
                         "> 200000 maximum", "ContextWindowExceededError")):
                    play({"status": status, "type": kind, "code": code, "message": message})
                    error = fails(lambda: ask(name[:1] + way[:1]))
                    check(isinstance(error, getattr(litellm, name)), error)


try:
    litellm_tests()
except ImportError as missing:
    print(f"# could not run: LiteLLM: {missing}")

for NUMBER, (NAME, FUNCTION) in enumerate(tests, 1):
    if os.environ.get("ONLY", "") not in NAME:
        continue
    try:
        FUNCTION()
        print(f"ok {NUMBER} - {NAME}", flush=True)
    except Exception:
        print(f"not ok {NUMBER} - {NAME}", flush=True)
        print("  " + traceback.format_exc().replace("\n", "\n  "), flush=True)
        tests[NUMBER - 1] = None
sys.exit(None in tests)
