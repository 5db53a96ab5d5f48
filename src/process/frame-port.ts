import { type Socket } from 'node:net';
import { jsonLines } from './json-lines';

/** One end of a connection between a host and a client of it; frames arrive in their order. */
export interface FramePort {
  /** False as soon as nothing can be sent anymore. */
  readonly isOpen: boolean;
  /** Whether so much was sent that the other side has not taken yet that nothing is read from it. */
  readonly isBehind: boolean;
  send(frame: object): void;
  /** Sends a frame before anything else that this process does; others may wait for those that follow. */
  sendNow(frame: object): void;
  /** Closes the connection once what was sent has arrived. */
  end(): void;
  /** Closes the connection now. */
  destroy(): void;
}

export interface FrameHandlers {
  onFrame: (frame: unknown) => void;
  /** The other side sent something that cannot be read, or `onFrame` has thrown. */
  onBroken: (why: string) => void;
  /** The other side sends nothing more. */
  onEnd?: () => void;
  onClosed: () => void;
}

/** Opens one end with what handles that which arrives there. */
export type OpenPort = (handlers: FrameHandlers) => FramePort;

export interface SocketPortLimits {
  /** Longest frame that is read, in bytes. */
  maxFrameBytes: number;
  /** Unread bytes from which the other side counts as behind. */
  maxBacklogBytes?: number;
}

/** A connection over a socket, where each frame is a line of JSON. */
export function socketPort(socket: Socket, limits: SocketPortLimits): OpenPort {
  const { maxFrameBytes, maxBacklogBytes = Infinity } = limits;
  return ({ onFrame, onBroken, onEnd, onClosed }) => {
    const lines = jsonLines(socket, { maxBytes: maxFrameBytes, onValue: onFrame, onBroken });
    socket.on('error', () => undefined); // `close` follows
    socket.on('drain', () => socket.resume());
    if (onEnd) socket.once('end', onEnd);
    socket.once('close', onClosed);
    const port: FramePort = {
      get isOpen() {
        return socket.writable;
      },
      get isBehind() {
        return lines.backlog > maxBacklogBytes;
      },
      send(frame) {
        lines.send(JSON.stringify(frame));
        if (port.isBehind) socket.pause();
      },
      sendNow: (frame) => lines.sendNow(JSON.stringify(frame)),
      end: () => socket.destroySoon(),
      destroy: () => void socket.destroy(),
    };
    return port;
  };
}
