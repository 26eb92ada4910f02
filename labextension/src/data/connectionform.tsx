/**
 * The form of a connection, drawn from the schema of its kind; it can be tried before it is stored.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Button, Field, Select, TextField } from '../base/controls';
import { OrreryError } from '../base/errors';
import { askWithForm, FormBody } from '../base/formdialog';
import { sentence } from '../base/notify';
import {
  firstProblem,
  SchemaFields,
  type FieldValue,
  type IObjectSchema
} from '../base/schemaform';
import type {
  Audience,
  Connection,
  ConnectionIn,
  ConnectionKind,
  ConnectionPatch,
  Kind,
  TestResult
} from './schemas';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What the form asks of the server. */
export interface IConnectionCalls {
  create: (connection: ConnectionIn) => Promise<Connection>;
  update: (id: number, patch: ConnectionPatch) => Promise<Connection>;
  test: (connection: ConnectionIn, id: number | null) => Promise<TestResult>;
}

export interface IConnectionFormOptions {
  trans: TranslationBundle;
  kinds: readonly Kind[];
  /** The connection to change; null for a new one. */
  known: Connection | null;
  /** The project that the lab works in, and whether there are others to share with. */
  project: string | null;
  isAtHub: boolean;
  /** Where secrets are stored, in one sentence. */
  secretPlace: string;
  calls: IConnectionCalls;
}

/** Ask for the fields of a connection; null when the person cancelled. */
export async function askConnection(
  options: IConnectionFormOptions
): Promise<Connection | null> {
  const { known, trans } = options;
  const form = new ConnectionForm(options);
  const isDone = await askWithForm(form, {
    title: known ? trans.__('Edit Connection') : trans.__('Add Connection'),
    accept: { label: known ? trans.__('Save') : trans.__('Add') },
    focusNodeSelector: 'input[name="name"]'
  });
  return isDone ? form.saved : null;
}

class ConnectionForm extends FormBody {
  constructor(private readonly options: IConnectionFormOptions) {
    super(options.trans);
    this.addClass('orrery-data-form');
    const { known } = options;
    this._name = known?.name ?? '';
    this._description = known?.description ?? '';
    this._kind = known?.kind ?? options.kinds[0].name;
    this._isReadOnly = known?.read_only ?? false;
    this._audience = known?.audience ?? 'person';
    this._values = { ...known?.spec };
  }

  /** What the server stored. */
  saved: Connection | null = null;

  invalidField(): string | undefined {
    return NAME.test(this._name) ? firstProblem(this._fieldsProps()) : 'name';
  }

  override async submit(): Promise<void> {
    const { calls, known } = this.options;
    const sent = this._connection();
    this.saved = known
      ? await calls.update(known.id, {
          name: sent.name,
          description: sent.description,
          read_only: sent.read_only,
          spec: sent.spec,
          secrets: sent.secrets
        })
      : await calls.create(sent);
  }

  override fieldOf(error: unknown): string | undefined {
    const fields = error instanceof OrreryError ? error.details.fields : undefined;
    const [first] = Array.isArray(fields) ? (fields as { field?: string }[]) : [];
    return first?.field?.split('.').at(-1);
  }

  protected override renderFields(): JSX.Element {
    const { trans } = this;
    const { known, kinds, secretPlace } = this.options;
    const isNameWrong = this.isChecked && !NAME.test(this._name);
    return (
      <>
        <Field label={trans.__('Kind')}>
          {id => (
            <Select
              id={id}
              disabled={known !== null}
              value={this._kind}
              options={kinds.map(({ name, title }) => [name, title] as const)}
              onChange={kind => this._change({ kind })}
            />
          )}
        </Field>
        <TextField
          name="name"
          label={trans.__('Name')}
          hint={trans.__('Code calls it by this: orrery.connect("name")')}
          problem={
            isNameWrong ? trans.__('It is small letters, digits and hyphens.') : ''
          }
          autoComplete="off"
          spellCheck={false}
          maxLength={63}
          value={this._name}
          onChange={event => this._change({ name: event.currentTarget.value })}
        />
        {this._renderAudience()}
        <SchemaFields
          {...this._fieldsProps()}
          isChecked={this.isChecked}
          onChange={(name, value) => {
            this._values = { ...this._values, [name]: value };
            this._change({});
          }}
        />
        <TextField
          name="description"
          label={trans.__('Description (optional)')}
          value={this._description}
          onChange={event => this._change({ description: event.currentTarget.value })}
        />
        <label className="orrery-tick">
          <input
            type="checkbox"
            checked={this._isReadOnly}
            onChange={event =>
              this._change({ isReadOnly: event.currentTarget.checked })
            }
          />
          <span>{trans.__('Read-only: nothing is changed through it')}</span>
        </label>
        <p className="orrery-quiet">
          {trans.__(
            'Secrets: %1 No screen and no notebook shows them again.',
            secretPlace
          )}
        </p>
        {this._renderTest()}
      </>
    );
  }

  private _renderAudience(): JSX.Element | null {
    const { trans } = this;
    const { isAtHub, known, project } = this.options;
    if (known || !isAtHub) {
      return null;
    }
    const choices: readonly (readonly [Audience, string, boolean?])[] = [
      ['person', trans.__('Only me')],
      [
        'project',
        project
          ? trans.__('The project %1', project)
          : trans.__('A project: choose one first'),
        project === null
      ]
    ];
    return (
      <Field label={trans.__('For')}>
        {id => (
          <Select
            id={id}
            value={this._audience}
            options={choices}
            onChange={audience => this._change({ audience })}
          />
        )}
      </Field>
    );
  }

  private _renderTest(): JSX.Element {
    const { trans } = this;
    const result = this._result;
    return (
      <div className="orrery-data-test">
        <Button onClick={() => void this._test()} disabled={this._isTesting}>
          {this._isTesting ? trans.__('Testing…') : trans.__('Test')}
        </Button>
        <span
          role="status"
          className={result?.isOk === false ? 'orrery-problem' : 'orrery-quiet'}
        >
          {result?.text ?? ''}
        </span>
      </div>
    );
  }

  private async _test(): Promise<void> {
    const { trans } = this;
    const { calls, known } = this.options;
    this.isChecked = true;
    const field = this.invalidField();
    if (field) {
      this.update();
      this.node.querySelector<HTMLElement>(`[name="${field}"]`)?.focus();
      return;
    }
    this._isTesting = true;
    this._result = null;
    this.update();
    try {
      const {
        is_ok: isOk,
        problem,
        text
      } = await calls.test(this._connection(), known?.id ?? null);
      const parts = problem
        ? [problem.message, problem.reason, problem.remedy].filter(Boolean)
        : [text];
      this._result = {
        isOk,
        text: parts.map(part => part.replace(/\.?$/, '.')).join(' ')
      };
    } catch (error) {
      this._result = { isOk: false, text: sentence(error, trans) };
    }
    this._isTesting = false;
    this.update();
  }

  private _change(change: {
    name?: string;
    description?: string;
    kind?: ConnectionKind;
    audience?: Audience;
    isReadOnly?: boolean;
  }): void {
    if (change.kind !== undefined && change.kind !== this._kind) {
      this._kind = change.kind;
      this._values = {};
      this.isChecked = false;
    }
    this._name = change.name ?? this._name;
    this._description = change.description ?? this._description;
    this._audience = change.audience ?? this._audience;
    this._isReadOnly = change.isReadOnly ?? this._isReadOnly;
    this._result = null;
    this.update();
  }

  private _schema(): IObjectSchema {
    const kind = this.options.kinds.find(({ name }) => name === this._kind);
    return kind?.fields ?? {};
  }

  private _fieldsProps(): {
    schema: IObjectSchema;
    values: Record<string, FieldValue | undefined>;
    stored: readonly string[];
    trans: TranslationBundle;
  } {
    const { known, trans } = this.options;
    return {
      schema: this._schema(),
      values: this._values,
      stored: known?.secrets ?? [],
      trans
    };
  }

  /** The connection as it is sent: secrets apart from what is shown. */
  private _connection(): ConnectionIn {
    const { properties = {} } = this._schema();
    const spec: Record<string, FieldValue> = {};
    const secrets: Record<string, string> = {};
    for (const [name, value] of Object.entries(this._values)) {
      if (value === undefined || !(name in properties)) {
        continue;
      }
      if (properties[name].writeOnly) {
        secrets[name] = String(value);
      } else {
        spec[name] = value;
      }
    }
    const { project } = this.options;
    return {
      name: this._name,
      kind: this._kind,
      audience: this._audience,
      project: this._audience === 'project' ? project : null,
      description: this._description,
      read_only: this._isReadOnly,
      spec,
      secrets
    };
  }

  private _name: string;
  private _description: string;
  private _kind: ConnectionKind;
  private _audience: Audience;
  private _isReadOnly: boolean;
  private _values: Record<string, FieldValue | undefined>;
  private _result: { isOk: boolean; text: string } | null = null;
  private _isTesting = false;
}
