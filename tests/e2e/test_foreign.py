"""test_foreign.py: whoever asks for what is another's is answered as if it did not exist, whatever it is and however it is named.

What names something is found in /openapi.json: each name of a parameter of a path, and each of a query or a body that is not known to be
only a word. A route that is added with a new one fails here until somebody says whose the thing is.
"""
import base64
import json
import unittest

from support import DATA
from test_auth import Asking, later

# Names of queries and bodies that name no thing: words, numbers, secrets that are proofs themselves.
WORDS = set("""act actor ask_per_minute base_url base_version binary body_bytes by bytes calls_max code dimensions disabled email enabled encoding_format ends_on
    expires_in form from genom_message goal in_microusd input invite items k kem key keys kind level level_max limit max_completion_tokens max_tokens message messages
    microusd_per_month mode model models name new_password note out_microusd password paths per_minute period public_key q question range rank read_per_minute
    refresh_token role scopes sealed seed session starts_on status stop stop_tokens stream temperature text timeout_first_ms timeout_ms title to token tokens_per_day top_p totp
    uid unit value version vote word write_per_minute""".split())
NO_SUCH_ID = "01m8d4aypwc46gbz8000000001"
# What belongs to one: another's is as if it were not there, for everybody. The answer there is for what does not exist; more of the body.
OWN = {
    ("historyRemove", "id"): ("conversation", 404, {}),
    ("historyRename", "id"): ("conversation", 404, {"title": "mine"}),
    ("history", "conversation_id"): ("conversation", 404, {}),
    ("chatMessage", "conversation_id"): ("conversation", 404, {"message": "And what else?", "level_max": "L0"}),
    ("chatMessage", "retry_of"): ("message", 404, {"message": "And what else?", "level_max": "L0"}),
    ("chatVote", "message_id"): ("message", 404, {"vote": 1}),
    ("genomEncrypt", "session_id"): ("session", 404, {"text": "hello"}),
    ("genomDecrypt", "session_id"): ("session", 404, {"sealed": base64.b64encode(bytes(40)).decode()}),
    ("authSessionEnd", "id"): ("login", 404, {}),
    ("keyChange", "id"): ("key", 404, {"name": "mine"}),
    ("keyRevoke", "id"): ("key", 404, {}),
}
# A place in a list of one's own: from wherever it is read, nothing of another's is in it.
PLACES = {("history", "before"): "conversation", ("authSessions", "after"): "login", ("keys", "after"): "key", ("budgets", "after"): "budget"}
# What belongs to the house: who may not have it is refused before it is looked up. These are for all, or for all but guests.
HOUSE = {
    "id": {"documentRemove": "document", "jobCancel": "job", "authInviteEnd": "invite", "personChange": "person", "personRemove": "person", "personReset": "person",
           "personTotpRemove": "person", "personSessions": "person", "personSessionEnd": "person", "adminKeyRevoke": "key", "budgetChange": "budget", "budgetRemove": "budget",
           "teamRename": "team", "teamRemove": "team", "teamJoin": "team", "teamLeave": "team", "teamMembers": "team", "providerChange": "provider", "providerRemove": "provider",
           "providerTest": "provider", "sourceLearn": "source", "sourceForget": "source", "adminSprint": "sprint", "adminSprintChange": "sprint", "adminSprintRemove": "sprint",
           "adminItemChange": "item", "adminItemRemove": "item", "adminCostsUndo": "costs", "adminCacheRemove": "message"},
    "sid": {"personSessionEnd": "login"}, "account": {"teamJoin": "person", "teamLeave": "person", "adminKeys": "person"},
    "name": {"tierPut": "tier", "tierRemove": "tier"}, "subject": {"budgetNew": "person"}, "tier": {"personChange": "tier"}, "assignee": {"adminItemAdd": "person", "adminItemChange": "person"},
    "sprint": {"adminItemAdd": "sprint"}, "before": {"adminItemAdd": "item", "adminItemChange": "item", "adminVotes": "message", "adminPromptVersions": "version", "audit": "version"},
    "after": {"people": "person", "personSessions": "login", "adminKeys": "key", "adminBudgets": "budget", "adminTiers": "tier", "adminTeams": "team", "sources": "source",
              "adminLogs": "version", "adminSprints": "sprint", "adminCosts": "costs", "teamMembers": "person"},
}
FOR_ALL = {("documentGet", "id"), ("jobGet", "id"), ("genomLookup", "word"), ("genomToken", "id"), ("retrieveModel", "id"), ("documents", "after"), ("nodes", "after"), ("genomTokens", "after")}


def places(document):
    """(method, path, operation, name, where it stands)"""
    for path, operations in document["paths"].items():
        for method, route in operations.items():
            named = [(one["name"], one["in"]) for one in route.get("parameters", [])]
            for content in route.get("requestBody", {}).get("content", {}).values():
                named += [(name, "body") for name in content["schema"].get("properties", {})]
            for name, where in named:
                if where == "path" or (where in ("query", "body") and name not in WORDS):
                    yield method.upper(), path, route, name, where


class Foreign(Asking):
    learn = True
    ACTORS = ("owner", "the file's token", "admin", "member", "guest", "a key")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.server.get("/openapi.json")[2]
        one = cls("enrol")
        cls.tokens, cls.ids = {"the file's token": cls.server.token}, {}
        for number, role in enumerate(("owner", "admin", "member", "guest", "ann")):
            invite = {} if role == "owner" else {"invite": one.made("POST", "/api/auth/invites", {"role": "member" if role == "ann" else role})["invite"]}
            status, _, answer = one.register(f"{role}@example.org", cls.server.token if role == "owner" else None, later(210 + number), **invite)
            assert status == 201, answer
            cls.tokens[role], cls.ids[role] = answer["access_token"], answer["user"]["id"]
            if role in ("owner", "admin"):
                one.enrol(answer["access_token"])
        # Rates are another test's.
        one.made("PUT", "/api/admin/tiers/wide", {"level_max": "L2"})
        for role in ("admin", "member", "guest", "ann"):
            one.made("PATCH", f"/api/admin/people/{cls.ids[role]}", {"tier": "wide"})
        scopes = ["chat", "embed", "genom", "knowledge", "learn", "admin"]
        cls.tokens["a key"] = one.made("POST", "/api/keys", {"name": "a program", "scopes": scopes}, cls.tokens["admin"])["key"]
        cls.real = cls.things(one)

    def made(self, method, path, body=None, token=None):
        status, _, answer = self.call(method, path, body, token or self.server.token)
        assert status in (200, 201, 202, 204), (path, status, answer)
        return answer

    @classmethod
    def anns(cls, one):
        """One of each of Ann's own."""
        said = one.made("POST", "/api/chat/message", {"message": "Where is Ann's secret lantern?", "level_max": "L0"}, cls.tokens["ann"])
        return {
            "conversation": said["conversation_id"], "message": said["message_id"],
            "key": one.made("POST", "/api/keys", {"name": "Ann's secret key", "scopes": ["chat"]}, cls.tokens["ann"])["id"],
            "session": one.made("POST", "/v1/handshake", {"kem": "x-wing", "public_key": cls.offer()}, cls.tokens["ann"])["session_id"],
            "login": one.made("GET", "/api/auth/sessions", None, cls.tokens["ann"])["sessions"][0]["id"]}

    @classmethod
    def things(cls, one):
        """One of each of Ann's own, and of the house."""
        job, sprint = cls.server.learn(DATA / "docs"), one.made("POST", "/api/admin/sprints", {"name": "a sprint"})
        costs = cls.server.request("POST", "/api/admin/costs?name=a", "date,service,amount,currency\n2026-01-02,disk,1.00,USD\n", {"Content-Type": "text/csv"})
        model = {"name": "small", "price_in": 1, "price_out": 1}
        return {
            **cls.anns(one),
            "budget": one.made("POST", "/api/admin/budgets", {"name": "Ann's secret budget", "kind": "account", "subject": cls.ids["ann"], "unit": "requests", "period": "day", "limit": 500})["id"],
            "document": one.made("GET", "/api/crawler/documents")["documents"][0]["id"], "job": job["id"], "person": cls.ids["ann"],
            "source": one.made("GET", "/api/crawler/sources")["sources"][0]["id"], "invite": cls.invite(one), "tier": "wide",
            "team": one.made("POST", "/api/admin/teams", {"name": "crew"})["id"],
            "provider": one.made("POST", "/api/admin/providers", {"name": "p", "base_url": "http://127.0.0.1:9", "models": [model], "enabled": False})["id"],
            "sprint": sprint["id"], "item": one.made("POST", "/api/admin/sprint-items", {"sprint": sprint["id"], "title": "an item"})["id"],
            "costs": costs[2]["id"], "version": "0"}

    @staticmethod
    def invite(one):
        one.made("POST", "/api/auth/invites", {"role": "guest"})
        return one.made("GET", "/api/auth/invites")["invites"][0]["id"]

    @staticmethod
    def offer():
        vectors = json.loads((DATA.parent / "vectors" / "handshake.json").read_text())
        return base64.b64encode(bytes.fromhex(vectors["tests"][0]["offer"])).decode()

    def send(self, method, path, name, where, value, more, token):
        """(status, answer, fields) of the request with `value` where the name stands, less what differs from one request to the next."""
        query, body = "", dict(more) if method in ("POST", "PUT", "PATCH") else None
        if where == "path":
            path = path.replace("{" + name + "}", value)
        elif where == "query":
            query = f"?{name}={value}"
        else:
            body = {**(body or {}), name: value}
        for other in ("id", "account", "sid", "name"):
            path = path.replace("{" + other + "}", NO_SUCH_ID)
        status, headers, answer = self.call(method, path + query, body, token)
        if isinstance(answer, dict):
            answer = {key: said for key, said in answer.items() if key != "instance"}
        changing = ("x-request-id", "date", "ratelimit", "ratelimit-policy", "content-length")
        return status, answer, {key.lower(): said for key, said in headers.items() if key.lower() not in changing}

    def test_what_is_anothers_does_not_exist(self):
        found = 0
        for method, path, route, name, where in places(self.document):
            kind, status, more = OWN.get((route["operationId"], name), (None, None, None))
            if not kind:
                continue
            found += 1
            for actor in self.ACTORS:
                with self.subTest(route=route["operationId"], name=name, by=actor):
                    more_now = dict(more)
                    if name == "retry_of":  # of a conversation of one's own
                        begun = self.call("POST", "/api/chat/message", {"message": "Hello?", "level_max": "L0"}, self.tokens[actor])[2]
                        more_now["conversation_id"] = begun["conversation_id"]
                    theirs = self.send(method, path, name, where, self.real[kind], more_now, self.tokens[actor])
                    nobodys = self.send(method, path, name, where, NO_SUCH_ID, more_now, self.tokens[actor])
                    self.assertEqual(theirs, nobodys)
                    self.assertEqual(theirs[0], 403 if actor == "a key" and theirs[0] == 403 else status, theirs)
                    self.assertNotIn("secret", json.dumps(theirs[1]))
        self.assertEqual(found, len(OWN))
        # Ann's are as they were.
        ann = self.tokens["ann"]
        self.assertEqual([one["id"] for one in self.made("GET", "/api/chat/history", None, ann)["conversations"]], [self.real["conversation"]])
        messages = self.made("GET", f"/api/chat/history?conversation_id={self.real['conversation']}", None, ann)["messages"]
        self.assertEqual((len(messages), [one.get("vote") for one in messages if one["id"] == self.real["message"]]), (2, [0]))
        self.assertEqual([(one["id"], one["name"]) for one in self.made("GET", "/api/keys", None, ann)["keys"]], [(self.real["key"], "Ann's secret key")])
        self.made("POST", "/v1/encrypt", {"session_id": self.real["session"], "text": "hello"}, ann)

    def test_whoever_it_belongs_to_has_it(self):
        """Each question that others ask in vain is one that has an answer."""
        own, second = self.anns(self), self.login("ann@example.org", source=later(216))[2]["access_token"]
        own["login"] = next(one["id"] for one in self.made("GET", "/api/auth/sessions", None, second)["sessions"] if one["current"])
        last = {"historyRemove", "keyRevoke", "authSessionEnd"}  # nothing is there afterwards
        asked = [one for one in places(self.document) if (one[2]["operationId"], one[3]) in OWN]
        for method, path, route, name, where in sorted(asked, key=lambda one: one[2]["operationId"] in last):
            with self.subTest(route=route["operationId"], name=name):
                kind, _, more = OWN[route["operationId"], name]
                more = {**more, "conversation_id": own["conversation"]} if name == "retry_of" else more
                status, answer, _ = self.send(method, path, name, where, own[kind], more, self.tokens["ann"])
                self.assertIn(status, (400, 422) if route["operationId"] == "genomDecrypt" else (200, 204), answer)

    def test_lists_of_ones_own_begin_anywhere(self):
        found = 0
        for method, path, route, name, where in places(self.document):
            kind = PLACES.get((route["operationId"], name))
            if not kind:
                continue
            found += 1
            for actor in self.ACTORS:
                for value in (self.real[kind], "0", "zzzzzzzzzzzzzzzzzzzzzzzzzz"):
                    status, answer, _ = self.send(method, path, name, where, value, {}, self.tokens[actor])
                    self.assertIn(status, (200, 400, 403), answer)
                    self.assertNotIn("secret", json.dumps(answer))
                    self.assertNotIn(self.real["login"], json.dumps(answer))
        self.assertEqual(found, len(PLACES))

    def test_what_is_the_houses_is_refused_unseen(self):
        """Who may not is told the same of what there is and of what there is not."""
        found = {name: set() for name in HOUSE}
        for method, path, route, name, where in places(self.document):
            kind = HOUSE.get(name, {}).get(route["operationId"])
            if not kind:
                continue
            found[name].add(route["operationId"])
            for actor in ("member", "guest", "ann"):
                with self.subTest(route=route["operationId"], name=name, by=actor):
                    there = self.send(method, path, name, where, self.real[kind], {}, self.tokens[actor])
                    self.assertEqual(there, self.send(method, path, name, where, NO_SUCH_ID, {}, self.tokens[actor]))
                    self.assertEqual((there[0], there[1]["type"]), (403, "/problems/forbidden"))
        self.assertEqual(found, {name: set(routes) for name, routes in HOUSE.items()})

    def test_every_name_is_known(self):
        known = set(OWN) | set(PLACES) | FOR_ALL | {(route, name) for name, routes in HOUSE.items() for route in routes}
        seen = {(route["operationId"], name) for _, _, route, name, _ in places(self.document)}
        self.assertEqual(seen - known, set(), "whose are they? See OWN, PLACES, HOUSE, FOR_ALL, and WORDS for what names nothing")
        self.assertEqual(known - seen, set(), "they are no more")


if __name__ == "__main__":
    unittest.main()
