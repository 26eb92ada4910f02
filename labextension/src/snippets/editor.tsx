/**
 * The form in which a snippet is written, in a tab of its own.
 */
import { Dialog, MainAreaWidget, showDialog } from '@jupyterlab/apputils';
import {
  historyIcon,
  ReactWidget,
  saveIcon,
  Toolbar,
  ToolbarButton,
  trustedIcon
} from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import React from 'react';

import { notifyError } from '../base/notify';
import { copyName } from './actions';
import { CommandIDs } from './commands';
import { askConflict } from './conflict';
import type { Draft } from './draft';
import { Fields } from './fields';
import { ScreenContext, type IScreen } from './hooks';
import { insertIcon, snippetsIcon } from './icons';
import { saveDraft } from './saving';
import type { Snippet } from './schemas';
import { askSecrets } from './secrets';

/** The form of one draft. */
export class SnippetEditor extends ReactWidget {
  constructor(screen: IScreen, draft: Draft) {
    super();
    this._screen = screen;
    this.draft = draft;
    this.addClass('orrery-snippets-editor');
    this._unfollow = screen.bench.drafts.follow(draft);
  }

  readonly draft: Draft;

  /** Emitted when the draft was saved. */
  get saved(): ISignal<this, Snippet> {
    return this._saved;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._unfollow();
      super.dispose();
    }
  }

  /** Save the draft; whether it is saved now. */
  async save(): Promise<boolean> {
    const { bench } = this._screen;
    const { trans } = bench;
    const problem = this._problem();
    if (problem) {
      this._invalid.emit(problem);
      return false;
    }
    try {
      const snippet = await saveDraft(this.draft, bench.model, {
        secrets: findings => askSecrets(trans, findings),
        conflict: conflict => askConflict(this._screen, conflict),
        copyName: name => copyName(bench, name)
      });
      if (snippet) {
        await bench.drafts.forget(this.draft.key);
        this._saved.emit(snippet);
      }
      return snippet !== null;
    } catch (error) {
      notifyError(error, trans, {
        label: trans.__('Try again'),
        callback: () => void this.save()
      });
      return false;
    }
  }

  protected override render(): JSX.Element {
    return (
      <ScreenContext.Provider value={this._screen}>
        <Fields draft={this.draft} invalid={this._invalid} />
      </ScreenContext.Provider>
    );
  }

  protected override onActivateRequest(): void {
    // The form is drawn after it was attached.
    void this.renderPromise?.then(() => {
      if (!this.node.querySelector(':focus')) {
        this.node.querySelector<HTMLElement>('input')?.focus();
      }
    });
  }

  /** What keeps the draft from being saved. */
  private _problem(): string | null {
    const { name, cells, scope, project } = this.draft.content;
    const { trans } = this._screen.bench;
    if (!name.trim()) {
      return trans.__('A snippet needs a name.');
    }
    if (cells.every(cell => !cell.source.trim())) {
      return trans.__('A snippet needs some code or text.');
    }
    if (scope === 'project' && !project) {
      return trans.__('Choose the project to share it with.');
    }
    return null;
  }

  private readonly _screen: IScreen;
  private readonly _unfollow: () => void;
  private readonly _saved = new Signal<this, Snippet>(this);
  private readonly _invalid = new Signal<this, string>(this);
}

/** A tab with the form, its toolbar, and a question before anything unsaved is closed. */
export class EditorTab extends MainAreaWidget<SnippetEditor> {
  constructor(screen: IScreen, draft: Draft) {
    const content = new SnippetEditor(screen, draft);
    super({
      content,
      toolbar: toolbarOf(screen, content),
      translator: screen.bench.translator
    });
    this._screen = screen;
    this.id = `orrery-snippets-editor-${draft.key.replace(/\W/g, '-')}`;
    this.addClass('orrery-snippets-tab');
    this.title.icon = snippetsIcon;
    this.title.closable = true;
    draft.changed.connect(this._label, this);
    this._label();
  }

  protected override onCloseRequest(message: Message): void {
    if (this._closing || !this.content.draft.dirty) {
      void this._forget();
      super.onCloseRequest(message);
      return;
    }
    void this._ask();
  }

  private async _ask(): Promise<void> {
    const { trans } = this._screen.bench;
    const name = this.content.draft.content.name || trans.__('New snippet');
    const { button } = await showDialog({
      title: trans.__('Save "%1"?', name),
      body: trans.__('What you changed is lost if you do not save it.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Discard'), actions: ['discard'] }),
        Dialog.okButton({ label: trans.__('Save'), actions: ['save'] })
      ]
    });
    if (!button.accept) {
      return;
    }
    if (button.actions.includes('discard') || (await this.content.save())) {
      this._closing = true;
      this.close();
    }
  }

  private _forget(): Promise<void> {
    return this._screen.bench.drafts.forget(this.content.draft.key);
  }

  private _label(): void {
    const { draft } = this.content;
    const { trans } = this._screen.bench;
    this.title.label = draft.content.name || trans.__('New snippet');
    this.title.caption = trans.__('Snippet: %1', this.title.label);
    this.title.className = draft.dirty ? 'jp-mod-dirty' : '';
  }

  private readonly _screen: IScreen;
  private _closing = false;
}

function toolbarOf(screen: IScreen, content: SnippetEditor): Toolbar {
  const { bench, commands } = screen;
  const { trans } = bench;
  const toolbar = new Toolbar();
  toolbar.node.setAttribute('aria-label', trans.__('Snippet'));
  const save = new ToolbarButton({
    icon: saveIcon,
    label: trans.__('Save'),
    tooltip: trans.__('Save the snippet'),
    onClick: () => void content.save()
  });
  const insert = new ToolbarButton({
    icon: insertIcon,
    label: trans.__('Insert'),
    tooltip: trans.__('Insert what is written here where you last worked'),
    onClick: () =>
      void bench.inserter
        .insert(content.draft.content)
        .catch(error => notifyError(error, trans))
  });
  const scan = new ToolbarButton({
    icon: trustedIcon,
    label: trans.__('Check for secrets'),
    tooltip: trans.__('Look for what seems to be a password, key or token'),
    onClick: () =>
      void bench.model
        .scan(content.draft.content.cells)
        .then(findings => askSecrets(trans, findings, true))
        .catch(error => notifyError(error, trans))
  });
  const history = new ToolbarButton({
    icon: historyIcon,
    label: trans.__('History'),
    tooltip: trans.__('See and restore earlier versions'),
    onClick: () => void commands.execute(CommandIDs.history, { id: content.draft.id })
  });
  toolbar.addItem('save', save);
  toolbar.addItem('insert', insert);
  toolbar.addItem('scan', scan);
  toolbar.addItem('spacer', Toolbar.createSpacerItem());
  toolbar.addItem('history', history);
  const enable = (): void => {
    save.enabled = content.draft.dirty || content.draft.id === null;
    history.enabled = content.draft.id !== null;
    insert.enabled = bench.inserter.describeTarget().enabled;
  };
  content.draft.changed.connect(enable);
  bench.inserter.targetChanged.connect(enable);
  content.disposed.connect(() => bench.inserter.targetChanged.disconnect(enable));
  enable();
  return toolbar;
}
