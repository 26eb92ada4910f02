import { nullTranslator } from '@jupyterlab/translation';

import { problemsOf } from '../../src/projects/dialogs';
import { isSlug, slugOf } from '../../src/projects/names';

const trans = nullTranslator.load('orrery');

describe('slugOf', () => {
  it.each([
    ['Customer churn', 'customer-churn'],
    ['  Größe der Bäume, 2. Teil! ', 'grosse-der-baume-2-teil'],
    ['Ælfred & Łukasz', 'aelfred-lukasz'],
    ['--x--', 'x'],
    ['日本', ''],
    [`${'a'.repeat(62)} b`, 'a'.repeat(62)]
  ])('makes an identifier of %j', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it('gives what the server takes, or nothing', () => {
    for (const name of ['A b', '1', 'x'.repeat(500), 'é'.repeat(70), '😀a', '-', '']) {
      const slug = slugOf(name);
      expect(slug === '' || isSlug(slug)).toBe(true);
    }
  });
});

describe('isSlug', () => {
  it.each(['a', '0', 'a-b', 'a-', 'a'.repeat(63)])('takes %j', slug => {
    expect(isSlug(slug)).toBe(true);
  });

  it.each(['', '-a', 'A', 'a_b', 'a b', 'ä', 'a'.repeat(64), 'a\n'])(
    'refuses %j',
    slug => {
      expect(isSlug(slug)).toBe(false);
    }
  );
});

describe('problemsOf', () => {
  it('finds nothing wrong with a name and an identifier', () => {
    expect(problemsOf({ name: 'Churn', slug: 'churn' }, trans)).toEqual({});
  });

  it('says what is wrong with each field', () => {
    expect(Object.keys(problemsOf({ name: '', slug: 'Not this' }, trans))).toEqual([
      'name',
      'slug'
    ]);
    expect(Object.keys(problemsOf({ name: '日本', slug: '' }, trans))).toEqual([
      'slug'
    ]);
  });

  it('asks for a name only, as long as there is none', () => {
    expect(Object.keys(problemsOf({ name: '', slug: '' }, trans))).toEqual(['name']);
  });
});
