/**
 * The marks around the stops of a session.
 */
import { Decoration, WidgetType, type DecorationSet } from '@codemirror/view';

import type { IState } from './fields';

class Gap extends WidgetType {
  constructor(private readonly active: boolean) {
    super();
  }

  override eq(other: Gap): boolean {
    return this.active === other.active;
  }

  toDOM(): HTMLElement {
    const node = document.createElement('span');
    node.className = classOf('cm-orrery-gap', this.active);
    node.setAttribute('aria-hidden', 'true');
    return node;
  }
}

function classOf(name: string, active: boolean): string {
  return active ? `${name} cm-orrery-stop-active` : name;
}

/** A mark around each stop that has text, and a bar where one is empty. */
export function decorationsOf(state: IState): DecorationSet {
  const ranges = state.places.flatMap(({ n, from, to }) => {
    const active = n === state.active;
    if (from < to) {
      return [
        Decoration.mark({ class: classOf('cm-orrery-stop', active) }).range(from, to)
      ];
    }
    return n === 0
      ? []
      : [Decoration.widget({ widget: new Gap(active), side: 1 }).range(from)];
  });
  return Decoration.set(ranges, true);
}
