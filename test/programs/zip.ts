import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  content?: string | Buffer;
  /** Unix mode, including the type of the file. */
  mode?: number;
  /** Replaces the real size. */
  claimedBytes?: number;
  flags?: number;
  /** Compression method; default: deflate. */
  method?: number;
}

const MADE_BY_UNIX = 3 << 8;
const UTF8_NAMES = 0x800;
const DEFLATED = 8;
const REGULAR = 0o100644;

/** Builds a zip archive with exactly these entries, even invalid ones. */
export function makeZip(entries: ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central, data } = records(entry, offset);
    parts.push(local, data);
    directory.push(central);
    offset += local.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function records(entry: ZipEntry, offset: number) {
  const { content = '', mode = REGULAR, flags = 0, method = DEFLATED } = entry;
  const name = Buffer.from(entry.name);
  const plain = Buffer.from(content);
  const data = method === 0 ? plain : deflateRawSync(plain);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(UTF8_NAMES | flags, 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt32LE(crc32(plain), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(entry.claimedBytes ?? plain.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([signature(0x04034b50), common, name]);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE((mode << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(MADE_BY_UNIX | 20);
  const central = Buffer.concat([signature(0x02014b50), madeBy, common, tail, name]);
  return { local, central, data };
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
