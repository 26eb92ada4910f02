/**
 * What a form holds, and what is said at its fields.
 */
import { toError } from '../../src/base/errors';

import {
  partOf,
  problemAt,
  problemsOf,
  textOf,
  withPart
} from '../../admin/form/model';
import { sizeText } from '../../admin/views/profiles/size';

it('reads and replaces the part at a path, and nothing else', () => {
  const value = { name: 'a', spec: { cpu: 1, mounts: [] } };
  const next = withPart(value, 'spec.cpu', 2);
  expect(next).toEqual({ name: 'a', spec: { cpu: 2, mounts: [] } });
  expect(value.spec.cpu).toBe(1);
  expect(next.spec.mounts).toBe(value.spec.mounts);
  expect(withPart({}, 'spec.cpu', 2)).toEqual({ spec: { cpu: 2 } });
  expect(partOf(next, 'spec.cpu')).toBe(2);
  expect(partOf(next, 'other.cpu')).toBeUndefined();
});

it('says in words what the service says of a field', () => {
  const fields = [
    { field: 'slug', problem: "String should match pattern '^[a-z]$'" },
    { field: 'spec.mounts.1.path', problem: 'String should have at least 1 character' },
    { field: 'spec.mounts', problem: 'Value error, two of them have the same name' },
    { field: 'spec.environment.1A.[key]', problem: 'Field required' },
    { field: 'specs', problem: 'Extra inputs are not permitted' }
  ];
  const problems = problemsOf(toError({ message: 'No', details: { fields } }));
  expect(problemAt(problems, 'slug')).toBe('This is not written as it has to be.');
  expect(problemAt(problems, 'spec.mounts')).toBe(
    'Row 2, path: This is missing. two of them have the same name'
  );
  expect(problemAt(problems, 'spec.environment')).toBe('1A, [key]: This is missing.');
  expect(problemAt(problems, 'spec.cpu')).toBeUndefined();
  expect(problemsOf(toError({ message: 'No' }))).toEqual({});
  expect(problemsOf(undefined)).toEqual({});
});

it.each([
  ['a', 'a'],
  [1.5, '1.5'],
  [null, ''],
  [undefined, ''],
  [{}, '']
])('shows %j as the text %j', (part, text) => expect(textOf(part)).toBe(text));

it.each([
  [2 ** 30, '1 GiB'],
  [64 * 2 ** 30, '64 GiB'],
  [1.5 * 2 ** 30, '1.5 GiB']
])('says %d bytes as %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
