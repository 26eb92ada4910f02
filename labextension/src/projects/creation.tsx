/**
 * The dialog that asks for a new project.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Conflict } from '../base/errors';
import { sentence } from '../base/notify';
import { isSlug, slugOf } from './names';
import type { Project, ProjectIn } from './schemas';
import type { IProjects } from './tokens';

const NAME_LENGTH = 120;
const DESCRIPTION_LENGTH = 4_000;

/** What is wrong with a project that was typed in; an empty object when nothing is. */
export interface IProblems {
  name?: string;
  slug?: string;
}

/** Check what was typed as the server will. */
export function problemsOf(project: ProjectIn, trans: TranslationBundle): IProblems {
  const problems: IProblems = {};
  if (!project.name) {
    problems.name = trans.__('Give the project a name.');
  }
  // Without a name there is no identifier yet: one thing to mend, not two.
  if (!isSlug(project.slug) && (project.name || project.slug)) {
    problems.slug = trans.__(
      'Use 1 to 63 small letters (a to z), digits and hyphens, beginning with a letter or digit.'
    );
  }
  return problems;
}

/** Ask for a new project and make it; null when the person cancels. */
export async function createProject(
  projects: IProjects,
  trans: TranslationBundle
): Promise<Project | null> {
  const form = new ProjectForm(trans);
  const dialog = new CreationDialog(form, projects, trans);
  await dialog.launch();
  return dialog.project;
}

/** A dialog that stays open until the server has made the project. */
class CreationDialog extends Dialog<ProjectIn> {
  constructor(form: ProjectForm, projects: IProjects, trans: TranslationBundle) {
    super({
      title: trans.__('New project'),
      body: form,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Create project') })
      ],
      focusNodeSelector: 'input'
    });
    this.addClass('orrery-ProjectDialog');
    this._form = form;
    this._projects = projects;
  }

  project: Project | null = null;

  override resolve(index?: number): void {
    if (index === ACCEPT && this.project === null) {
      void this._submit();
    } else {
      super.resolve(index);
    }
  }

  private async _submit(): Promise<void> {
    if (this._form.busy || !this._form.check()) {
      return;
    }
    this._form.busy = true;
    try {
      this.project = await this._projects.create(this._form.getValue());
    } catch (error) {
      this._form.fail(error);
      return;
    } finally {
      this._form.busy = false;
    }
    super.resolve(ACCEPT);
  }

  private readonly _form: ProjectForm;
  private readonly _projects: IProjects;
}

const ACCEPT = 1;

/** The fields of a new project. */
class ProjectForm extends ReactWidget {
  constructor(trans: TranslationBundle) {
    super();
    this._trans = trans;
    this.addClass('orrery-ProjectForm');
  }

  get busy(): boolean {
    return this._busy;
  }
  set busy(busy: boolean) {
    this._busy = busy;
    this.update();
  }

  getValue(): ProjectIn {
    const { name, description } = this._value;
    return {
      name: name.trim(),
      slug: this._slug ?? slugOf(name),
      description: (description ?? '').trim()
    };
  }

  /** Whether it can be sent; if not, the first field that is wrong gets the cursor. */
  check(): boolean {
    this._checked = true;
    this._error = '';
    this.update();
    const [wrong] = Object.keys(problemsOf(this.getValue(), this._trans));
    if (wrong) {
      this._focus(wrong);
    }
    return !wrong;
  }

  /** Show why the server refused; a name that is taken can be mended at once. */
  fail(error: unknown): void {
    this._error = sentence(error, this._trans);
    this.update();
    if (error instanceof Conflict) {
      this._focus('slug');
    }
  }

  protected override render(): React.JSX.Element {
    const trans = this._trans;
    const { name, slug, description } = { ...this.getValue(), ...this._value };
    const problems = this._checked ? problemsOf(this.getValue(), trans) : {};
    return (
      <fieldset aria-busy={this._busy}>
        <Field label={trans.__('Name')} problem={problems.name}>
          {(id, described) => (
            <input
              {...described}
              className="jp-mod-styled"
              id={id}
              maxLength={NAME_LENGTH}
              name="name"
              onChange={event => this._change({ name: event.target.value })}
              aria-required="true"
              type="text"
              value={name}
            />
          )}
        </Field>
        <Field
          hint={trans.__('In addresses and folder names. It cannot be changed later.')}
          label={trans.__('Identifier')}
          problem={problems.slug}
        >
          {(id, described) => (
            <input
              {...described}
              autoCapitalize="none"
              className="jp-mod-styled"
              id={id}
              name="slug"
              onChange={event => this._rename(event.target.value)}
              aria-required="true"
              spellCheck={false}
              type="text"
              value={this._slug ?? slug}
            />
          )}
        </Field>
        <Field label={trans.__('Description (optional)')}>
          {(id, described) => (
            <textarea
              {...described}
              className="jp-mod-styled"
              id={id}
              maxLength={DESCRIPTION_LENGTH}
              name="description"
              onChange={event => this._change({ description: event.target.value })}
              rows={3}
              value={description}
            />
          )}
        </Field>
        <div className="orrery-ProjectForm-error" role="alert">
          {this._error}
        </div>
      </fieldset>
    );
  }

  private _focus(name: string): void {
    this.node.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  }

  private _change(part: Partial<Pick<ProjectIn, 'name' | 'description'>>): void {
    this._value = { ...this._value, ...part };
    this.update();
  }

  /** An identifier that was emptied follows the name again. */
  private _rename(slug: string): void {
    this._slug = slug === '' ? undefined : slug;
    this.update();
  }

  private _busy = false;
  private _checked = false;
  private _error = '';
  private _slug: string | undefined;
  private readonly _trans: TranslationBundle;
  private _value: Pick<ProjectIn, 'name' | 'description'> = {
    name: '',
    description: ''
  };
}

interface IFieldProps {
  children: (
    id: string,
    described: { 'aria-describedby'?: string; 'aria-invalid'?: boolean }
  ) => React.JSX.Element;
  hint?: string;
  label: string;
  problem?: string;
}

/** A label, a field, and what there is to say about it. */
function Field({ children, hint, label, problem }: IFieldProps): React.JSX.Element {
  const id = React.useId();
  const note = problem ?? hint;
  return (
    <div className="orrery-ProjectForm-field">
      <label htmlFor={id}>{label}</label>
      {children(id, {
        'aria-describedby': note ? `${id}-note` : undefined,
        'aria-invalid': problem ? true : undefined
      })}
      {note && (
        <div
          className="orrery-ProjectForm-note"
          data-level={problem ? 'error' : undefined}
          id={`${id}-note`}
        >
          {note}
        </div>
      )}
    </div>
  );
}
