/**
 * The dialogs of projects: make one, delete one, remove a deleted one permanently.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { TextField } from '../base/controls';
import { Conflict } from '../base/errors';
import { askWithForm, FormBody } from '../base/formdialog';
import { isSlug, slugOf } from './names';
import type { Project, ProjectIn } from './schemas';
import type { IProjects } from './tokens';

export const NAME_LENGTH = 120;
export const DESCRIPTION_LENGTH = 4_000;

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
  // Without a name there is no identifier yet: one thing to correct, not two.
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
  const form = new CreationForm(projects, trans);
  await askWithForm(form, {
    title: trans.__('New Project'),
    accept: { label: trans.__('Create Project') }
  });
  return form.project;
}

/** Ask whether to delete a project, and do it; whether it is deleted. */
export function deleteProject(
  projects: IProjects,
  project: Project,
  trans: TranslationBundle
): Promise<boolean> {
  const form = new ConfirmationForm({
    slug: project.slug,
    texts: [
      trans.__(
        'Every member loses it. Its folders stay where they are, and an owner can bring it back for a while.'
      )
    ],
    act: () => projects.delete(project.slug),
    trans
  });
  return askWithForm(form, {
    title: trans.__('Delete Project "%1"?', project.name),
    accept: { label: trans.__('Delete Project'), displayType: 'warn' }
  });
}

/** Ask whether to remove a deleted project permanently, naming what goes, and do it; whether it is removed. */
export function purgeProject(
  projects: IProjects,
  project: Project,
  trans: TranslationBundle
): Promise<boolean> {
  const form = new ConfirmationForm({
    slug: project.slug,
    texts: [
      trans.__(
        'Its name and description, its members (%1) and every snippet of the project with its history go. Nothing brings them back.',
        project.members
      ),
      trans.__(
        'Its data and its repository stay where they are, and no other project gets them; ask an administrator to remove them.'
      )
    ],
    act: () => projects.purge(project.slug),
    trans
  });
  return askWithForm(form, {
    title: trans.__('Remove Project "%1" for Good?', project.name),
    accept: { label: trans.__('Remove for Good'), displayType: 'warn' }
  });
}

class CreationForm extends FormBody {
  constructor(
    private readonly _projects: IProjects,
    trans: TranslationBundle
  ) {
    super(trans);
  }

  project: Project | null = null;

  override invalidField(): string | undefined {
    return Object.keys(problemsOf(this._value(), this.trans))[0];
  }

  override fieldOf(error: unknown): string | undefined {
    return error instanceof Conflict ? 'slug' : undefined;
  }

  override async submit(): Promise<void> {
    this.project = await this._projects.create(this._value());
  }

  protected override renderFields(): JSX.Element {
    const { trans } = this;
    const problems = this.isChecked ? problemsOf(this._value(), trans) : {};
    return (
      <>
        <TextField
          aria-required="true"
          label={trans.__('Name')}
          maxLength={NAME_LENGTH}
          name="name"
          onChange={event => this._change({ name: event.target.value })}
          problem={problems.name}
          type="text"
          value={this._typed.name}
        />
        <TextField
          aria-required="true"
          autoCapitalize="none"
          hint={trans.__('In addresses and folder names. It cannot be changed later.')}
          label={trans.__('Identifier')}
          name="slug"
          onChange={event => this._change({ slug: event.target.value })}
          problem={problems.slug}
          spellCheck={false}
          type="text"
          value={this._typed.slug || slugOf(this._typed.name)}
        />
        <TextField
          label={trans.__('Description (optional)')}
          maxLength={DESCRIPTION_LENGTH}
          name="description"
          onChange={event => this._change({ description: event.target.value })}
          rows={3}
          value={this._typed.description}
        />
      </>
    );
  }

  /** An identifier that was emptied follows the name again. */
  private _value(): ProjectIn {
    const { name, slug, description } = this._typed;
    return {
      name: name.trim(),
      slug: slug || slugOf(name),
      description: description.trim()
    };
  }

  private _change(change: Partial<Required<ProjectIn>>): void {
    this._typed = { ...this._typed, ...change };
    this.update();
  }

  private _typed: Required<ProjectIn> = { name: '', slug: '', description: '' };
}

interface IConfirmationOptions {
  /** What has to be typed. */
  slug: string;
  /** What happens, one paragraph each. */
  texts: readonly string[];
  act: () => Promise<void>;
  trans: TranslationBundle;
}

/** Does what cannot easily be undone once the identifier was typed. */
class ConfirmationForm extends FormBody {
  constructor(private readonly _options: IConfirmationOptions) {
    super(_options.trans);
  }

  override invalidField(): string | undefined {
    return this._typed === this._options.slug ? undefined : 'slug';
  }

  override submit(): Promise<void> {
    return this._options.act();
  }

  protected override renderFields(): JSX.Element {
    const { trans } = this;
    const { slug, texts } = this._options;
    const isWrong = this.isChecked && this.invalidField() !== undefined;
    return (
      <>
        {texts.map(text => (
          <p key={text}>{text}</p>
        ))}
        <TextField
          autoCapitalize="none"
          autoComplete="off"
          label={trans.__('Type "%1" to confirm', slug)}
          name="slug"
          onChange={event => {
            this._typed = event.target.value.trim();
            this.update();
          }}
          problem={isWrong ? trans.__('This is not "%1".', slug) : undefined}
          spellCheck={false}
          type="text"
          value={this._typed}
        />
      </>
    );
  }

  private _typed = '';
}
