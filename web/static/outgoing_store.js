// Unsent messages with their photos, kept on this device until the server has them: 待发箱, in IndexedDB.
// Where the browser allows no storage (private windows), sending works all the same and only a reload forgets.

const STORE = "outgoing";

export async function keep(record) {
  await work("readwrite", (store) => store.put(record));
}

export async function forget(id) {
  await work("readwrite", (store) => store.delete(id));
}

export async function unsentOf(person) {
  const all = await work("readonly", (store) => store.getAll());
  return (all ?? []).filter((record) => record.person === person).sort((one, other) => one.at.localeCompare(other.at));
}

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("xunlin", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function work(mode, action) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = action(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } catch (error) {
    console.warn("outgoing messages are not kept over a reload:", error);
    return null;
  }
}
