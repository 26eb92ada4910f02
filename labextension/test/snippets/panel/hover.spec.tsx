import { ReactWidget } from '@jupyterlab/ui-components';
import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';
import React from 'react';

import { useHover } from '../../../src/snippets/panel/hovercard';
import { snippet } from '../fixtures';

type Hover = ReturnType<typeof useHover>;

let hover: Hover;
let shrink: () => void = () => undefined;

function Probe(): null {
  hover = useHover(true);
  return null;
}

beforeAll(() => {
  jest.useFakeTimers({ doNotFake: ['requestAnimationFrame'] });
  window.ResizeObserver = class {
    constructor(callback: ResizeObserverCallback) {
      shrink = () => callback([], this);
    }
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
});
afterAll(() => jest.useRealTimers());

describe('the card of a hovered row', () => {
  let widget: Widget;
  let anchor: HTMLElement;

  const pass = async (milliseconds: number): Promise<void> => {
    jest.advanceTimersByTime(milliseconds);
    await framePromise();
    await framePromise();
  };
  const move = (target: Element): void =>
    void target.dispatchEvent(new Event('pointermove', { bubbles: true }));

  beforeEach(async () => {
    widget = ReactWidget.create(<Probe />);
    Widget.attach(widget, document.body);
    anchor = document.body.appendChild(document.createElement('div'));
    anchor.getClientRects = () => [{}] as unknown as DOMRectList;
    await pass(50);
    hover.rest(snippet('a'), anchor);
    await pass(800);
    expect(hover.card?.snippet.id).toBe('a');
  });
  afterEach(() => {
    widget.dispose();
    anchor.remove();
  });

  it('goes when the pointer is elsewhere, although the row told nothing', async () => {
    move(anchor);
    await pass(500);
    expect(hover.card).not.toBeNull();
    move(document.body);
    await pass(100);
    move(document.body);
    await pass(150);
    expect(hover.card).toBeNull();
  });

  it('goes when its row is drawn anew or out of sight', async () => {
    anchor.getClientRects = () => [] as unknown as DOMRectList;
    shrink();
    await pass(1);
    expect(hover.card).toBeNull();
  });

  it('is not shown beside a row that is gone meanwhile', async () => {
    hover.hide();
    await pass(1);
    hover.rest(snippet('b'), anchor);
    anchor.remove();
    await pass(800);
    expect(hover.card).toBeNull();
  });

  it.each([
    [
      'Escape',
      () => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
    ],
    [
      'a click elsewhere',
      () => document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    ],
    ['another window', () => window.dispatchEvent(new Event('blur'))]
  ])('goes on %s', async (_, act) => {
    act();
    await pass(1);
    expect(hover.card).toBeNull();
  });

  it('makes way for the next row', async () => {
    const other = document.body.appendChild(document.createElement('div'));
    hover.leave();
    hover.rest(snippet('b'), other);
    move(other);
    await pass(800);
    expect(hover.card?.snippet.id).toBe('b');
    other.remove();
  });
});
