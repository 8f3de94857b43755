"""acked.py: a client that works a server hard and remembers what was acknowledged, and a check that all of it is there."""
import http.client
import json
import random
import threading
import urllib.parse

WORDS = ("amber basalt cobalt dolomite elder fjord garnet heron indigo juniper kelp larch moss nickel ochre pumice quartz "
         "rowan slate tundra umber violet willow xenon yarrow zinc").split()


class Acked:
    """What the server said it has: messages by id, votes by message, documents by name; and what it said it forgot."""

    def __init__(self):
        self.lock = threading.Lock()
        self.messages = {}   # conversation → {message id: (role, text)}
        self.votes = {}      # message id → vote
        self.documents = {}  # name → (its own word, text)
        self.forgotten = set()
        self.unsure = set()  # documents whose removal was asked for and not answered

    def message(self, question, answer):
        with self.lock:
            chat = self.messages.setdefault(answer["conversation_id"], {})
            chat[answer["user_message_id"]] = ("user", question)
            chat[answer["message_id"]] = ("assistant", answer["answer"])

    def count(self):
        return {"messages": sum(map(len, self.messages.values())), "votes": len(self.votes),
                "documents": len(self.documents), "removed": len(self.forgotten)}

    def has_each(self, least):
        """Whether of messages, votes and documents so many are acknowledged; while others add to them."""
        return len(self.votes) >= least and len(self.documents) >= least and sum(map(len, list(self.messages.values()))) >= least

    def merge(self, other):
        for chat, messages in other.messages.items():
            self.messages.setdefault(chat, {}).update(messages)
        self.votes.update(other.votes)
        self.documents.update(other.documents)
        self.forgotten |= other.forgotten
        for name in other.forgotten | other.unsure:
            self.documents.pop(name, None)


def document(dice, number):
    """A short document with a word that no other has."""
    word = f"zq{number:x}{''.join(dice.choice('bcdfgklmnprstvz') + dice.choice('aeiou') for _ in range(4))}"
    a, b, c = dice.sample(WORDS, 3)
    return word, f"The {word} valve\n\nThe {word} valve of the {a} station opens at {dice.randrange(2, 90)} degrees when the {b} " \
                 f"sensor reports {c}.\n"


def wrong(server, acked, search=True):
    """What is missing or differs, in words; empty when all that was acknowledged is there."""
    found = []
    for chat, wanted in acked.messages.items():
        have, before = {}, ""
        while True:
            path = f"/api/chat/history?limit=500&conversation_id={chat}{before}"
            status, _, page = server.get(path)
            if status != 200:
                found.append(f"conversation {chat}: {status} {page}")
                break
            for m in page["messages"]:
                have[m["id"]] = m
            if not page.get("next"):
                break
            before = f"&before={page['next']}"
        for ident, (role, text) in wanted.items():
            m = have.get(ident)
            if not m or (m["role"], m["text"]) != (role, text):
                found.append(f"message {ident}: acknowledged as {role} {text!r}, is {m}")
            elif ident in acked.votes and m.get("vote") != acked.votes[ident]:
                found.append(f"vote on {ident}: acknowledged {acked.votes[ident]}, is {m.get('vote')}")
    names, after = {}, ""
    while acked.documents or acked.forgotten:
        _, _, page = server.get(f"/api/crawler/documents?limit=500{after}")
        names.update((d["document"], d) for d in page["documents"])
        if not page["next"]:
            break
        after = "&after=" + urllib.parse.quote(page["next"])
    found += [f"document {name} is not listed" for name in acked.documents if name not in names]
    found += [f"document {name} was removed and is back" for name in acked.forgotten if name in names]
    for name, (word, text) in acked.documents.items() if search else ():
        if name not in names:
            continue
        _, _, hits = server.get(f"/api/crawler/search?k=3&q={word}")
        if name not in [hit["document"] for hit in hits["results"]]:
            found.append(f"document {name} is not found by its word {word}: {hits}")
        _, _, kept = server.get(f"/api/crawler/documents/{names[name]['id']}")
        if " ".join(kept["text"].split()) != " ".join(text.split()):
            found.append(f"document {name} reads {kept['text']!r}")
    return found


class Client:
    """One client that acts until it is stopped or the server is gone. What it does is thrown by its dice."""

    def __init__(self, server, acked, dice, number, confirm):
        self.server, self.acked, self.dice, self.number, self.confirm = server, acked, dice, number, confirm
        self.unkept = 0  # answers that history does not have
        self.stopped = threading.Event()
        self.statuses = {}
        self.problems = []  # answers that are neither a success nor a problem as they should be
        self.left = None
        self.chat = None
        self.answers = []
        self.made = 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        connection = self.server.connection(timeout=60)
        acts = [self.ask] * 4 + [self.stream, self.vote, self.vote, self.learn, self.learn, self.remove]
        try:
            while not self.stopped.is_set():
                self.dice.choice(acts)(connection)
        except (OSError, http.client.HTTPException) as error:
            self.left = error  # the server was killed: what was under way was not acknowledged
        except Exception as error:  # the test's own thread must not fail unseen
            self.problems.append(repr(error))
        finally:
            connection.close()

    def call(self, method, path, connection, body=None, headers=None):
        status, head, answer = self.server.request(method, path, body, headers, connection=connection)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 400 and (head.get_content_type() != "application/problem+json" or answer.get("status") != status):
            self.problems.append((method, path, status, answer))
        return status, answer

    def question(self):
        if self.dice.random() < .5:
            return f"Which {self.dice.choice(WORDS)} is asked about often?"
        return f"What does the {self.dice.choice(WORDS)} of {self.dice.randrange(1 << 20)} say to {self.dice.choice(WORDS)}?"

    def ask_body(self):
        body = {"message": self.question(), "level_max": self.dice.choice(["L0", "L1"])}
        if self.chat and self.dice.random() < .9:
            body["conversation_id"] = self.chat
        return body

    def took(self, body, answer, connection):
        if self.confirm:  # where the disk may be broken an answer comes all the same: is it in history?
            path = f"/api/chat/history?conversation_id={answer['conversation_id']}"
            status, page = self.call("GET", path, connection)
            kept = [m["id"] for m in page["messages"]] if status == 200 else []
            if answer["message_id"] not in kept or answer["user_message_id"] not in kept:
                self.unkept += 1
                return
        self.chat = answer["conversation_id"]
        self.answers.append(answer["message_id"])
        self.acked.message(body["message"], answer)

    def ask(self, connection):
        body = self.ask_body()
        status, answer = self.call("POST", "/api/chat/message", connection, body)
        if status == 200:
            self.took(body, answer, connection)

    def stream(self, connection):
        body = self.ask_body() | {"stream": True}
        connection.request("POST", "/api/chat/message", json.dumps(body), {
            "Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"})
        answer, event = connection.getresponse(), None
        for line in answer.read().decode().split("\n"):
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: ") and event == "done":
                self.took(body, json.loads(line[6:]), connection)
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1

    def vote(self, connection):
        if not self.answers:
            return
        message = self.answers.pop(self.dice.randrange(len(self.answers)))  # each once
        vote = self.dice.choice([1, -1])
        status, _ = self.call("POST", "/api/chat/vote", connection, {"message_id": message, "vote": vote})
        if status == 204:
            with self.acked.lock:
                self.acked.votes[message] = vote

    def learn(self, connection):
        self.made += 1
        number = self.number * 1000 + self.made
        word, text = document(self.dice, number)
        name = f"{self.number}-{self.made}.txt"
        status, answer = self.call("POST", f"/api/crawler/learn?name={name}", connection, text.encode(),
                                   {"Content-Type": "application/octet-stream"})
        while status == 202:
            status, job = self.call("GET", f"/api/crawler/jobs/{answer['job_id']}", connection)
            if status == 200 and job["state"] == "running":
                self.stopped.wait(.005)
                status = 202
                continue
            if status == 200 and job["state"] == "done" and not job["failed"]:
                with self.acked.lock:
                    self.acked.documents[f"upload:{name}"] = (word, text)
            return

    def remove(self, connection):
        """Forgets one of its own documents, now and then."""
        own = [name for name in list(self.acked.documents) if name.startswith(f"upload:{self.number}-")]
        if not own or self.dice.random() < .5:
            return
        name = self.dice.choice(own)
        _, page = self.call("GET", f"/api/crawler/documents?q={urllib.parse.quote(name[7:])}", connection)
        found = [d["id"] for d in page.get("documents", []) if d["document"] == name]
        if not found:
            return
        with self.acked.lock:
            kept = self.acked.documents.pop(name)
            self.acked.unsure.add(name)
        status, _ = self.call("DELETE", f"/api/crawler/documents/{found[0]}", connection)
        with self.acked.lock:
            self.acked.unsure.discard(name)
            if status == 204:
                self.acked.forgotten.add(name)
            else:  # refused: it must still be there
                self.acked.documents[name] = kept


class Load:
    """Several clients at once."""

    def __init__(self, server, dice, clients, begin, confirm=False):
        self.acked = Acked()
        self.clients = [Client(server, self.acked, random.Random(dice.random()), begin + i, confirm)
                        for i in range(clients)]
        for client in self.clients:
            client.thread.start()

    def stop(self):
        for client in self.clients:
            client.stopped.set()
        for client in self.clients:
            client.thread.join(90)
            assert not client.thread.is_alive(), "a client hangs: a request was never answered"
        return self.acked

    def statuses(self):
        total = {}
        for client in self.clients:
            for status, n in client.statuses.items():
                total[status] = total.get(status, 0) + n
        return total

    def problems(self):
        return [problem for client in self.clients for problem in client.problems]
