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

import { executeOwn } from '../../base/registry';
import { Forbidden, NotFound } from '../../base/errors';
import { finishTyping } from '../../base/focus';
import { notifyError, sentence } from '../../base/notify';
import { tabLabel } from '../../base/tab';
import { copyName } from '../actions';
import { CommandIDs } from '../commands';
import { askConflict } from './conflict';
import type { Draft, DraftStore } from './draft';
import { Fields } from './fields';
import { SnippetsContext, type ISnippetsContext } from '../context';
import { insertIcon, snippetsIcon } from '../icons';
import { askDeleted } from './deleted';
import { isLasting, saveDraft } from './save';
import type { Snippet } from '../schemas';
import { askSecrets } from './secrets';

/** The form of one draft. */
export class SnippetEditor extends ReactWidget {
  constructor(
    private readonly context: ISnippetsContext,
    private readonly drafts: DraftStore,
    readonly draft: Draft
  ) {
    super();
    this.addClass('orrery-snippets-editor');
    this._unfollow = drafts.follow(draft);
  }

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
    const { model, trans } = this.context;
    // Ctrl+S comes from a field that may not have taken yet what is typed in it, such as a tag.
    finishTyping(this.node);
    const problem = this._findProblem();
    if (problem) {
      this._invalid.emit(problem);
      return false;
    }
    try {
      const snippet = await saveDraft(this.draft, model, {
        secrets: findings => askSecrets(trans, findings),
        conflict: conflict => askConflict(this.context, conflict),
        deleted: (name, mayRestore) => askDeleted(trans, name, mayRestore),
        copyName: name => copyName(this.context, name)
      });
      if (snippet) {
        await this.drafts.forget(this.draft.key);
        this._saved.emit(snippet);
      }
      return snippet !== null;
    } catch (error) {
      this._sayFailed(error);
      return false;
    }
  }

  /** Say why the draft was not saved, with a way out that can succeed. */
  private _sayFailed(error: unknown): void {
    const { trans } = this.context;
    if (!isLasting(error)) {
      notifyError(error, trans, {
        label: trans.__('Try again'),
        callback: () => void this.save()
      });
    } else if (error instanceof Forbidden || error instanceof NotFound) {
      notifyError(error, trans, {
        label: trans.__('Save as a copy of my own'),
        callback: () => void this._saveOwn()
      });
    } else {
      // What is wrong is in the form: it says so until something is changed.
      this._invalid.emit(sentence(error, trans));
    }
  }

  private _saveOwn(): Promise<boolean> {
    const { content, id } = this.draft;
    this.draft.detach(id ? copyName(this.context, content.name) : content.name);
    this.draft.update({ scope: 'mine', project: null });
    return this.save();
  }

  protected override render(): JSX.Element {
    return (
      <SnippetsContext.Provider value={this.context}>
        <Fields draft={this.draft} invalid={this._invalid} />
      </SnippetsContext.Provider>
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
  private _findProblem(): string | null {
    const { name, cells, scope, project } = this.draft.content;
    const { trans } = this.context;
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

  private readonly _unfollow: () => void;
  private readonly _saved = new Signal<this, Snippet>(this);
  private readonly _invalid = new Signal<this, string>(this);
}

/** A tab with the form, its toolbar, and a question before anything unsaved is closed. */
export class EditorTab extends MainAreaWidget<SnippetEditor> {
  constructor(
    private readonly context: ISnippetsContext,
    private readonly drafts: DraftStore,
    draft: Draft
  ) {
    const content = new SnippetEditor(context, drafts, draft);
    super({ content, toolbar: createToolbar(context, content) });
    this.id = `orrery-snippets-editor-${draft.key.replace(/\W/g, '-')}`;
    this.addClass('orrery-snippets-tab');
    this.title.icon = snippetsIcon;
    this.title.closable = true;
    draft.changed.connect(this._showName, this);
    this._showName();
  }

  protected override onCloseRequest(message: Message): void {
    if (this._isClosing || !this.content.draft.dirty) {
      void this._forget();
      super.onCloseRequest(message);
      return;
    }
    void this._ask();
  }

  private async _ask(): Promise<void> {
    const { trans } = this.context;
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
      this._isClosing = true;
      this.close();
    }
  }

  private _forget(): Promise<void> {
    return this.drafts.forget(this.content.draft.key);
  }

  private _showName(): void {
    const { draft } = this.content;
    const { trans } = this.context;
    const name = draft.content.name || trans.__('New snippet');
    this.title.label = tabLabel(name);
    this.title.caption = trans.__('Snippet: %1', name);
    this.title.className = draft.dirty ? 'jp-mod-dirty' : '';
  }

  private _isClosing = false;
}

/** Buttons of the form; each is enabled while it can do something. */
function createToolbar(context: ISnippetsContext, content: SnippetEditor): Toolbar {
  const { inserter, trans } = context;
  const { draft } = content;
  const { save, insert, scan, history } = createButtons(context, content);
  const toolbar = new Toolbar();
  toolbar.node.setAttribute('aria-label', trans.__('Snippet'));
  toolbar.addItem('save', save);
  toolbar.addItem('insert', insert);
  toolbar.addItem('scan', scan);
  toolbar.addItem('spacer', Toolbar.createSpacerItem());
  toolbar.addItem('history', history);
  const update = (): void => {
    save.enabled = draft.dirty || draft.id === null;
    history.enabled = draft.id !== null;
    insert.enabled = inserter.describeTarget().enabled;
  };
  draft.changed.connect(update);
  inserter.targetChanged.connect(update);
  content.disposed.connect(() => inserter.targetChanged.disconnect(update));
  update();
  return toolbar;
}

function createButtons(
  { commands, inserter, model, trans }: ISnippetsContext,
  content: SnippetEditor
): Record<'save' | 'insert' | 'scan' | 'history', ToolbarButton> {
  const { draft } = content;
  const attempt = (action: Promise<unknown>): void =>
    void action.catch(error => notifyError(error, trans));
  return {
    save: new ToolbarButton({
      icon: saveIcon,
      label: trans.__('Save'),
      tooltip: trans.__('Save the snippet'),
      onClick: () => void content.save()
    }),
    insert: new ToolbarButton({
      icon: insertIcon,
      label: trans.__('Insert'),
      tooltip: trans.__('Insert what is written here where you last worked'),
      onClick: () => attempt(inserter.insert(draft.content))
    }),
    scan: new ToolbarButton({
      icon: trustedIcon,
      label: trans.__('Check for secrets'),
      tooltip: trans.__('Look for what seems to be a password, key or token'),
      onClick: () =>
        attempt(
          model
            .scan(draft.content.cells)
            .then(findings => askSecrets(trans, findings, true))
        )
    }),
    history: new ToolbarButton({
      icon: historyIcon,
      label: trans.__('History'),
      tooltip: trans.__('See and restore earlier versions'),
      onClick: () => void executeOwn(commands, CommandIDs.history, { id: draft.id })
    })
  };
}
