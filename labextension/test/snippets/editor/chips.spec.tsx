import React from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { finishTyping } from '../../../src/base/focus';
import { ChipsField } from '../../../src/snippets/editor/chips';

let host: HTMLElement;
let root: Root;
let changes: (readonly string[])[];

const input = (): HTMLInputElement => host.querySelector('input')!;
const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 10));

async function type(text: string): Promise<void> {
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!;
  input().focus();
  set!.call(input(), text);
  input().dispatchEvent(
    new InputEvent('input', { bubbles: true, inputType: 'insertText' })
  );
  await settle();
}

beforeEach(async () => {
  changes = [];
  host = document.createElement('main');
  document.body.append(host);
  root = createRoot(host);
  root.render(
    <ChipsField
      id="prefixes"
      values={['read']}
      maxLength={20}
      placeholder=""
      removeLabel={value => `Remove ${value}`}
      onChange={values => changes.push(values)}
    />
  );
  await settle();
});

afterEach(() => {
  root.unmount();
  host.remove();
});

it('takes what is typed when the form is saved by a key, and keeps the focus', async () => {
  await type('mywine');
  expect(changes).toEqual([]);
  finishTyping(host);
  expect(changes).toEqual([['read', 'mywine']]);
  expect(document.activeElement).toBe(input());
});

it('takes nothing for another form', async () => {
  await type('mywine');
  finishTyping(document.createElement('div'));
  expect(changes).toEqual([]);
});
