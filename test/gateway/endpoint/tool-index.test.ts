import { toolIndex, wordsOf } from '../../../src/gateway/endpoint/tool-index';

function tool(name: string, description: string, args: string[] = [], title?: string) {
  const properties = Object.fromEntries(args.map((arg) => [arg, { type: 'string' }]));
  const definition = { name, description, inputSchema: { type: 'object', properties } };
  return { name, server: 'x', definition: { ...definition, ...(title && { title }) } };
}

const index = toolIndex([
  tool('github__create_issue', 'Opens a new issue in a repository', ['repo', 'title', 'body']),
  tool('github__listIssues', 'Lists the issues of a repository', ['repo', 'state']),
  tool('files__read_text_file', 'Reads a file as text', ['path', 'head', 'tail']),
  tool('files__write_file', 'Creates or overwrites a file', ['path', 'content']),
  tool('db__SQLQuery', 'Runs a statement', ['sql'], 'Query the database'),
  tool('mail__send', 'Sends an e-mail to somebody', ['recipient', 'subject']),
  tool('wetter__abfrage', 'Fragt das Wetter für eine Straße ab', ['straße']),
  tool('tenki__get', '天気 を 調べる'),
]);
const names = (words: string) => index.search(words, 3).map(({ name }) => name);

test.each([
  ['create issue', 'github__create_issue'],
  ['list issues', 'github__listIssues'],
  ['CREATE ISSUE!', 'github__create_issue'],
  ['createIssue', 'github__create_issue'],
  ['overwrite a file', 'files__write_file'],
  ['read', 'files__read_text_file'],
  ['recipient', 'mail__send'],
  ['recipeint', 'mail__send'],
  ['data', 'db__SQLQuery'],
  ['sql', 'db__SQLQuery'],
  ['Straße', 'wetter__abfrage'],
  ['天気', 'tenki__get'],
])('finds for "%s" first %s', (words, name) => {
  expect(names(words)[0]).toBe(name);
});

test.each(['', '   ', '?!', 'zzzzzz', '__proto__', 'constructor'])(
  'finds nothing for "%s"',
  (words) => {
    expect(names(words)).toEqual([]);
  },
);

it('gives no more than was asked for', () => {
  expect(index.search('file issue repository', 2)).toHaveLength(2);
});

test.each([
  ['readHTTPFile_v2', ['read', 'http', 'file', 'v', '2']],
  ['a.b-c/d e', ['a', 'b', 'c', 'd', 'e']],
  ['ＦｕｌｌＷｉｄｔｈ', ['full', 'width']],
  ['\u202eevil\u0000\ud800', ['evil']],
])('takes %j apart', (text, words) => expect(wordsOf(text)).toEqual(words));
