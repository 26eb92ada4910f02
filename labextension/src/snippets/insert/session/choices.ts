/**
 * The list of a stop with choices: a listbox that the keyboard works while the cursor stays in the text.
 */
import type { EditorView, Tooltip } from '@codemirror/view';

/** An open list. */
export interface IList {
  /** Where it hangs. */
  readonly at: number;
  readonly options: readonly string[];
  readonly selected: number;
  readonly id: string;
}

/** The choices that are left when something was typed, those that begin with it before those that hold it. */
export function narrowed(choices: readonly string[], typed: string): readonly string[] {
  const text = typed.toLowerCase();
  const begins = choices.filter(choice => choice.toLowerCase().startsWith(text));
  const holds = choices.filter(
    choice => !begins.includes(choice) && choice.toLowerCase().includes(text)
  );
  return [...begins, ...holds];
}

/** The id of an option, for `aria-activedescendant`. */
export function optionId(list: IList, index: number): string {
  return `${list.id}-${index}`;
}

/** The tooltip that shows a list. */
export function listTooltip(
  list: IList,
  label: string,
  choose: (view: EditorView, option: string) => void
): Tooltip {
  return {
    pos: list.at,
    above: false,
    arrow: false,
    create: view => {
      const dom = document.createElement('ul');
      dom.className = 'cm-orrery-choices';
      dom.id = list.id;
      dom.setAttribute('role', 'listbox');
      dom.setAttribute('aria-label', label);
      dom.append(...list.options.map((option, index) => item(list, option, index)));
      // The editor keeps the focus, so that typing goes on.
      dom.addEventListener('mousedown', event => {
        event.preventDefault();
        const index = [...dom.children].indexOf(
          (event.target as Element).closest('li') as Element
        );
        if (index >= 0) {
          choose(view, list.options[index]);
        }
      });
      return {
        dom,
        mount: () => dom.children[list.selected]?.scrollIntoView?.({ block: 'nearest' })
      };
    }
  };
}

function item(list: IList, option: string, index: number): HTMLElement {
  const node = document.createElement('li');
  node.id = optionId(list, index);
  node.setAttribute('role', 'option');
  node.setAttribute('aria-selected', String(index === list.selected));
  node.textContent = option;
  return node;
}
