import { nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';
import React from 'react';

import { SnippetsContext, type ISnippetsContext } from '../../../src/snippets/context';
import { Code } from '../../../src/snippets/panel/code';
import { HoverCard } from '../../../src/snippets/panel/hovercard';
import { snippet } from '../fixtures';

jest.mock('../../../src/snippets/panel/preview', () => ({ Preview: () => null }));

const context = {
  code: { languages: null },
  trans: nullTranslator.load('orrery')
} as unknown as ISnippetsContext;

async function draw(element: JSX.Element): Promise<Widget> {
  const widget = ReactWidget.create(
    <SnippetsContext.Provider value={context}>{element}</SnippetsContext.Provider>
  );
  Widget.attach(widget, document.body);
  const drawn = '.orrery-snippets-code, .orrery-snippets-card';
  while (!document.querySelector(drawn)?.textContent) {
    await framePromise();
  }
  return widget;
}

it.each([
  ['${CURRENT_YEAR}-${CURRENT_MONTH}, $USER', '$CURRENT_YEAR-$CURRENT_MONTH, $USER'],
  ['read("${LAKE:lake}/wine.csv")', 'read("lake/wine.csv")']
])('shows what is put in by its default or its name: %s', async (source, text) => {
  const cell = { kind: 'code' as const, source };
  const widget = await draw(<Code cell={cell} language="python" syntax="vscode" />);
  expect(widget.node.textContent).toBe(text);
  widget.dispose();
});

it('shows a body that repeats itself too much as it is written, with the reason', async () => {
  const source = `\${1:${'a'.repeat(400)}}${'${1/(a|aa)*%d$/x/}'.repeat(1_000)}`;
  const cell = { kind: 'code' as const, source };
  const widget = await draw(<Code cell={cell} language="python" syntax="vscode" />);
  // The reason is drawn when React has its next turn, which a busy machine puts off.
  while (!widget.node.querySelector('[role=note]')) {
    await framePromise();
  }
  const shown = widget.node.querySelector('pre')?.textContent;
  const reason = widget.node.querySelector('[role=note]')?.textContent;
  widget.dispose();
  expect(shown).toBe(source);
  expect(reason).toContain('Shown as it is written');
});

describe('the hover card', () => {
  const place = async (row: DOMRect, panel: DOMRect): Promise<string[]> => {
    const list = document.body.appendChild(document.createElement('div'));
    list.className = 'orrery-snippets';
    list.getBoundingClientRect = () => panel;
    const anchor = list.appendChild(document.createElement('div'));
    anchor.getBoundingClientRect = () => row;
    const widget = await draw(
      <HoverCard
        anchor={anchor}
        onEnter={() => undefined}
        onLeave={() => undefined}
        snippet={snippet('one')}
      />
    );
    const { style } = document.querySelector<HTMLElement>('.orrery-snippets-card')!;
    const placed = [style.left, style.top, style.maxHeight];
    widget.dispose();
    list.remove();
    return placed;
  };

  beforeAll(() => {
    Object.assign(window, { innerWidth: 720, innerHeight: 450 });
    for (const [name, value] of [
      ['offsetWidth', 480],
      ['offsetHeight', 150]
    ] as const) {
      Object.defineProperty(HTMLElement.prototype, name, { get: () => value });
    }
  });

  const rect = (left: number, top: number, width: number, height: number): DOMRect =>
    ({ left, top, right: left + width, bottom: top + height }) as DOMRect;

  it.each([
    [
      'beside a narrow panel at the left',
      rect(32, 200, 180, 25),
      32,
      180,
      '220px',
      '200px',
      ''
    ],
    [
      'beside a narrow panel at the right',
      rect(508, 400, 180, 25),
      508,
      180,
      '20px',
      '292px',
      ''
    ],
    [
      'below a row where there is no room beside',
      rect(32, 100, 280, 25),
      32,
      280,
      '32px',
      '133px',
      '309px'
    ],
    [
      'above a row where there is none below',
      rect(32, 300, 280, 25),
      32,
      280,
      '32px',
      '142px',
      '284px'
    ]
  ])('stands %s', async (_, row, x, width, left, top, maxHeight) => {
    const placed = await place(row, rect(x, 0, width, 450));
    expect(placed).toEqual([left, top, maxHeight]);
  });
});
