// What could not be sent, in IndexedDB, in the order in which it was recorded.

const done = (req) =>
  new Promise((ok, fail) => {
    req.onsuccess = () => ok(req.result);
    req.onerror = () => fail(req.error);
  });

export async function openOutbox() {
  const req = indexedDB.open("outbox", 1);
  req.onupgradeneeded = () => req.result.createObjectStore("events", { keyPath: "place", autoIncrement: true }).createIndex("id", "event.id");
  const db = await done(req);
  const store = (mode) => db.transaction("events", mode).objectStore("events");
  return {
    add: (event) => done(store("readwrite").add({ event })),
    all: async () => (await done(store("readonly").getAll())).map((row) => row.event),
    remove: async (id) => {
      const s = store("readwrite");
      await done(s.delete(await done(s.index("id").getKey(id))));
    },
  };
}
