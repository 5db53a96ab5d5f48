import {
  isOwnable,
  passedVariables,
  runsContainer,
} from '../../../src/domain/programs/container-run';

const line = (text: string) => {
  const [command = '', ...args] = text.split(' ');
  return { command, args };
};

test.each([
  ['docker run -i --rm image', true],
  ['/usr/bin/podman run image', true],
  ['docker run -d image', false],
  ['docker run --detach image', false],
  ['docker exec -i name server', false],
  ['npx run', false],
])('%s runs a container in the foreground: %s', (text, expected) => {
  expect(runsContainer(line(text))).toBe(expected);
});

test('does not own a container whose ID file the user has requested', () => {
  expect(isOwnable(line('docker run -i --cidfile=/x image'))).toBe(false);
  expect(isOwnable(line('docker run -i image'))).toBe(true);
});

test('variables are passed on when they stand without a value', () => {
  const text = 'docker run -i -e TOKEN -e A=b --env OTHER --env=THIRD -eFOURTH -e TOKEN image';
  expect(passedVariables(line(text))).toEqual(['TOKEN', 'OTHER', 'THIRD', 'FOURTH']);
  expect(passedVariables(line('node x.js -e TOKEN'))).toEqual([]);
});
