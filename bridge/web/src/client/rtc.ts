// A data channel to the node, called over a connection that there is (docs/protocol-bridge.md, section 7). It is a
// module of its own, loaded when it is wanted.
import type { Link } from "./link";
import type { Socket, SocketEvents } from "./socket";

/**
 * Calls. The node's addresses are in its answer; ours need not be told, since the first packet shows it. `closed` comes
 * for whatever goes wrong, a browser that forbids it included.
 */
export function call(over: Link, on: SocketEvents): Socket {
  const conn = new RTCPeerConnection();
  const channel = conn.createDataChannel("touchline.v1");
  let ended = false;
  const hangUp = (): void => {
    ended = true;
    conn.close();
  };
  const end = (): void => {
    if (ended) return;
    hangUp();
    on.closed();
  };
  channel.binaryType = "arraybuffer";
  channel.onopen = () => ended || on.open();
  channel.onmessage = (m: MessageEvent<ArrayBuffer>) => ended || on.message(new Uint8Array(m.data));
  channel.onclose = end;
  channel.onerror = end;
  conn.onconnectionstatechange = () => {
    if (conn.connectionState === "failed") end();
  };
  offer(conn, over).catch(end);
  return {
    send: (frame) => {
      if (channel.readyState !== "open") return;
      try {
        channel.send(frame as Uint8Array<ArrayBuffer>);
      } catch {
        end(); // its buffer is full: nobody takes anything at the other end
      }
    },
    close: hangUp,
  };
}

async function offer(conn: RTCPeerConnection, over: Link): Promise<void> {
  await conn.setLocalDescription(await conn.createOffer());
  const { sdp } = await over.ask("answer", "offer", { sdp: conn.localDescription!.sdp });
  await conn.setRemoteDescription({ type: "answer", sdp });
}
