// A page of the first plan: every event goes over Socket.IO at once, and to an outbox in IndexedDB if that fails.
// It knows nothing of Touchline but what docs/build-your-own-page.md says.
import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { io } from "socket.io-client";
import { openOutbox } from "./outbox.js";

const params = new URLSearchParams(location.search);
const server = params.get("server");
const matchId = params.get("match");

function App({ outbox }) {
  const [events, setEvents] = useState([]);
  const [unsent, setUnsent] = useState([]);
  const [link, setLink] = useState("reconnecting");
  const [problem, setProblem] = useState("");
  const socket = useRef(null);
  const draining = useRef(false);
  const [asking, setAsking] = useState(0);
  const add = (e) => setEvents((all) => (all.some((x) => x.id === e.id) ? all : [...all, e]));
  const look = async () => setUnsent(await outbox.all());

  /** Sends what is kept, oldest first, one after the other. */
  async function drain() {
    if (draining.current || !socket.current.connected) return;
    draining.current = true;
    try {
      for (const e of await outbox.all()) {
        add(await socket.current.timeout(5000).emitWithAck("match_event", e));
        await outbox.remove(e.id);
        await look();
      }
    } catch {
      // kept; the timer tries again
    } finally {
      draining.current = false;
    }
  }

  async function publish(fields) {
    const e = { id: `page-${Date.now()}-${Math.random().toString(36).slice(2)}`, created: Date.now(), matchId, teamId: "lions", ...fields };
    if (!(await outbox.all()).length && socket.current.connected) {
      setAsking((n) => n + 1);
      try {
        return add(await socket.current.timeout(5000).emitWithAck("match_event", e));
      } catch {
        if (!fields.type) return; // refused, not lost
      } finally {
        setAsking((n) => n - 1);
      }
    }
    await outbox.add(e);
    await look();
    void drain();
  }

  useEffect(() => {
    const s = io(server, { reconnectionDelay: 100, reconnectionDelayMax: 500 });
    socket.current = s;
    s.on("connect", () => {
      setLink("live");
      s.emit("join_match", matchId);
      void drain();
    });
    s.on("disconnect", () => setLink(navigator.onLine ? "reconnecting" : "offline"));
    s.on("live_event", add);
    s.on("event_error", ({ error }) => setProblem(error));
    fetch(`${server}/v1/matches/${matchId}/events`)
      .then((res) => (res.ok ? res.json() : { events: [] }))
      .then((list) => list.events.forEach(add), () => {});
    void look();
    const timer = setInterval(drain, 1000);
    return () => {
      clearInterval(timer);
      s.disconnect();
    };
  }, []);

  return (
    <main aria-busy={asking > 0}>
      <p id="link">
        {link}, {unsent.length} unsent
      </p>
      <p id="problem">{problem}</p>
      <button id="goal" onClick={() => publish({ type: "goal", playerId: "p7", minute: events.length + unsent.length })}>Goal</button>
      <button id="bad" onClick={() => publish({ notes: "of no kind" })}>Bad</button>
      <ol id="events">
        {events.map((e) => (
          <li key={e.id}>{e.minute}</li>
        ))}
        {unsent.filter((e) => !events.some((x) => x.id === e.id)).map((e) => (
          <li key={e.id} className="pending">{e.minute}</li>
        ))}
      </ol>
    </main>
  );
}

createRoot(document.getElementById("root")).render(<App outbox={await openOutbox()} />);
