import type { IDisposable } from '@lumino/disposable';

import { focusUnlessElsewhere, keepFocus, rememberFocus } from '../../src/base/focus';

let part: HTMLElement;
let kept: IDisposable;

beforeEach(() => {
  document.body.innerHTML = `
    <button id="outside"></button>
    <div id="part">
      <input id="search" />
      <ul>
        <li id="a"><select id="role-a"></select><button id="remove-a"></button></li>
        <li id="b"><select id="role-b"></select><button id="remove-b"></button></li>
        <li id="c"><select id="role-c"></select><button id="remove-c"></button></li>
      </ul>
      <p id="more"><button id="show"></button></p>
    </div>`;
  part = find('part');
  kept = keepFocus(part);
});

afterEach(() => kept.dispose());

const find = (id: string): HTMLElement => document.getElementById(id)!;
const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve));

it.each([
  ['a row', 'remove-b', 'b', 'remove-c'],
  ['the first row', 'role-a', 'a', 'role-b'],
  ['the last row', 'remove-c', 'c', 'remove-b'],
  ['a field', 'search', 'search', 'role-a'],
  ['a button alone in its place', 'show', 'show', 'remove-c'],
  ['a place with its button', 'show', 'more', 'remove-c']
])('goes to what is next to %s that went away', async (_, focused, lost, next) => {
  find(focused).focus();
  find(lost).remove();
  await settled();
  expect(document.activeElement?.id).toBe(next);
});

it('leaves a button that was disabled', async () => {
  find('remove-b').focus();
  find('remove-b').setAttribute('disabled', '');
  await settled();
  expect(document.activeElement?.id).toBe('role-b');
});

it('goes on when all rows were drawn anew', async () => {
  find('remove-b').focus();
  part.innerHTML = '<button id="again"></button>';
  await settled();
  expect(document.activeElement?.id).toBe('again');
});

it('comes back when what was asked elsewhere is done', async () => {
  find('remove-b').focus();
  find('outside').focus();
  find('b').remove();
  await settled();
  expect(document.activeElement?.id).toBe('outside');
  find('outside').blur();
  await settled();
  expect(part.contains(document.activeElement)).toBe(true);
});

it('leaves the keyboard alone while nothing is lost', async () => {
  find('remove-b').focus();
  find('remove-b').blur();
  find('a').remove();
  await settled();
  expect(document.activeElement).toBe(document.body);
});

it.each([
  ['lm-Menu', 'stays', 'b', 'remove-a', 'remove-a'],
  ['lm-Menu', 'goes', 'a', 'remove-a', 'remove-b'],
  ['jp-Dialog', 'goes', 'a', 'remove-a', 'remove-b']
])('comes back from a %s that closes when what it was about %s', async (...row) => {
  const [kind, , lost, focused, next] = row;
  const passing = document.createElement('div');
  passing.className = kind;
  passing.tabIndex = -1;
  document.body.append(passing);
  find(focused).focus();
  passing.focus();
  find(lost).remove();
  passing.blur();
  passing.remove();
  await settled();
  expect(document.activeElement?.id).toBe(next);
});

it('lets whoever points elsewhere go, and whoever points at a menu come back', async () => {
  find('remove-b').focus();
  find('outside').dispatchEvent(new Event('pointerdown', { bubbles: true }));
  find('remove-b').blur();
  find('b').remove();
  await settled();
  expect(document.activeElement).toBe(document.body);
});

it('leads to no button that the tab key does not lead to', async () => {
  find('remove-c').tabIndex = -1;
  find('remove-b').focus();
  find('b').remove();
  find('role-c').remove();
  await settled();
  expect(document.activeElement?.id).not.toBe('remove-c');
  expect(part.contains(document.activeElement)).toBe(true);
});

it('gives the focus to an element only if nothing else has it', () => {
  find('outside').focus();
  focusUnlessElsewhere(find('search'));
  expect(document.activeElement?.id).toBe('outside');
  find('outside').blur();
  focusUnlessElsewhere(find('search'));
  focusUnlessElsewhere(null);
  expect(document.activeElement?.id).toBe('search');
});

describe('a remembered place', () => {
  it.each([
    ['it was', 'remove-b', null, 'remove-b'],
    ['is next to what is gone', 'remove-b', 'b', 'remove-c']
  ])('gets the keyboard back where %s', async (_, focused, lost, next) => {
    kept.dispose();
    find(focused).focus();
    const giveBack = rememberFocus();
    find('outside').focus();
    if (lost) {
      find(lost).remove();
    }
    giveBack();
    // Whoever is elsewhere stays there.
    expect(document.activeElement?.id).toBe('outside');
    find('outside').blur();
    await settled();
    giveBack();
    expect(document.activeElement?.id).toBe(next);
    // A toast has the keyboard while it goes away.
    find('outside').className = 'Toastify__toast';
    find('outside').focus();
    giveBack();
    expect(document.activeElement?.id).toBe(next);
  });
});
