/**
 * Keys that insert a snippet.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Field } from '../../base/controls';
import { SnippetsContext, useSnippets, type ISnippetsContext } from '../context';
import type { Snippet } from '../schemas';
import { setKeys } from '../settings';

/** Let the person press the keys that insert a snippet from now on. */
export async function askShortcut(
  context: ISnippetsContext,
  snippet: Snippet
): Promise<void> {
  const { preferences, trans } = context;
  const present = preferences.values.keys.find(({ snippet: named }) =>
    [snippet.id, snippet.name].includes(named)
  );
  const body = new ShortcutBody(
    context,
    present?.snippet ?? '',
    present?.keys.join(', ') ?? ''
  );
  const { button } = await showDialog({
    title: trans.__('Shortcut for "%1"', snippet.name),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      ...(present
        ? [Dialog.warnButton({ label: trans.__('Remove'), actions: ['remove'] })]
        : []),
      Dialog.okButton({ label: trans.__('Assign') })
    ],
    focusNodeSelector: 'input'
  });
  if (!button.accept) {
    return;
  }
  const keys = button.actions.includes('remove') ? null : body.keys.split(', ');
  if (keys === null || body.keys !== '') {
    await setKeys(preferences, present?.snippet ?? snippet.id, keys);
  }
}

class ShortcutBody extends ReactWidget {
  /** @param snippet What the present keys of the snippet name it by. */
  constructor(context: ISnippetsContext, snippet: string, keys: string) {
    super();
    this._context = context;
    this._snippet = snippet;
    this.keys = keys;
    this.addClass('orrery-snippets-dialog');
  }

  keys: string;

  protected override render(): JSX.Element {
    return (
      <SnippetsContext.Provider value={this._context}>
        <KeysField
          own={this._snippet}
          keys={this.keys}
          onChange={keys => {
            this.keys = keys;
            this.update();
          }}
        />
      </SnippetsContext.Provider>
    );
  }

  private readonly _context: ISnippetsContext;
  private readonly _snippet: string;
}

function KeysField(props: {
  own: string;
  keys: string;
  onChange: (keys: string) => void;
}): JSX.Element {
  const { commands, trans } = useSnippets();
  const taken = commands.keyBindings
    .filter(binding => binding.keys.join(', ') === props.keys)
    .filter(binding => !props.own || binding.args?.id !== props.own)
    .map(binding => commands.label(binding.command, binding.args ?? {}));
  const hint = taken.length
    ? trans.__('Elsewhere these keys mean: %1.', [...new Set(taken)].join(', '))
    : trans.__('Press the keys, such as Ctrl+Alt+1.');
  return (
    <Field label={trans.__('Keys')} hint={hint}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          className="jp-mod-styled"
          readOnly
          value={props.keys}
          onKeyDown={event => {
            if (['Tab', 'Enter', 'Escape'].includes(event.key)) {
              return;
            }
            event.preventDefault();
            event.stopPropagation();
            const { nativeEvent } = event;
            if (event.ctrlKey || event.metaKey || event.altKey) {
              const pressed = CommandRegistry.keystrokeForKeydownEvent(nativeEvent);
              if (!CommandRegistry.isModifierKeyPressed(nativeEvent) || pressed) {
                props.onChange(pressed);
              }
            }
          }}
        />
      )}
    </Field>
  );
}
