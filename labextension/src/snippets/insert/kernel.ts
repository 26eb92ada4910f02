/**
 * What a Python kernel is asked without the person seeing it: its dataframes, and what it lacks.
 */
import type { Kernel } from '@jupyterlab/services';

import { evaluate, isPython } from '../../base/python';

/** A table in the kernel. */
export interface IDataframe {
  name: string;
  kind: 'duckdb' | 'pandas' | 'polars' | 'pyarrow';
}

const LIMIT_MS = 2_000;
const MODULES_LIMIT = 200;

// One expression, so that nothing is left in the person's namespace. A library that is not imported has no tables.
const DATAFRAMES = `(lambda modules, names: [
    [name, kind]
    for name, value in list(names.items())
    if not name.startswith("_") and name not in ("In", "Out")
    for kind, module, cls in (
        ("pandas", "pandas", "DataFrame"),
        ("polars", "polars", "DataFrame"),
        ("polars", "polars", "LazyFrame"),
        ("pyarrow", "pyarrow", "Table"),
        ("duckdb", "duckdb", "DuckDBPyRelation"),
    )
    if isinstance(value, getattr(modules.get(module), cls, ()))
])(__import__("sys").modules, globals())`;

/** The dataframes in the kernel, the latest first; null when it is not known (no Python, busy, slow). */
export async function dataframes(
  kernel: Kernel.IKernelConnection | null | undefined
): Promise<readonly IDataframe[] | null> {
  const answer = await ask(kernel, DATAFRAMES);
  return Array.isArray(answer)
    ? answer.filter(isPair).map(toDataframe).reverse()
    : null;
}

/** A variable of the kernel's environment; null when it is not set or not known. */
export async function environment(
  kernel: Kernel.IKernelConnection | null | undefined,
  name: string
): Promise<string | null> {
  const answer = await ask(
    kernel,
    `__import__("os").environ.get(${JSON.stringify(name)})`
  );
  return typeof answer === 'string' ? answer : null;
}

/** Which of the modules the kernel lacks; null when it is not known. Imports nothing. */
export async function missingModules(
  kernel: Kernel.IKernelConnection | null | undefined,
  modules: readonly string[]
): Promise<readonly string[] | null> {
  const names = [...new Set(modules.filter(isModule))].slice(0, MODULES_LIMIT);
  if (names.length === 0) {
    return [];
  }
  const answer = await ask(
    kernel,
    `(lambda modules, find: [
    name for name in ${JSON.stringify(names)} if name not in modules and find(name) is None
])(__import__("sys").modules, __import__("importlib.util", fromlist=["util"]).find_spec)`
  );
  return Array.isArray(answer)
    ? (answer.filter(name => names.includes(name as string)) as string[])
    : null;
}

/** The names under which the modules are installed, each once. */
export function distributions(modules: readonly string[]): readonly string[] {
  return [
    ...new Set(modules.filter(isModule).map(name => DISTRIBUTIONS.get(name) ?? name))
  ];
}

/** The code of a cell that installs what is missing: `%pip install ...`. */
export function installCode(modules: readonly string[]): string {
  return `%pip install ${distributions(modules).join(' ')}`;
}

// Modules whose distribution bears another name.
const DISTRIBUTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Crypto: 'pycryptodome',
    IPython: 'ipython',
    MySQLdb: 'mysqlclient',
    OpenSSL: 'pyOpenSSL',
    PIL: 'Pillow',
    attr: 'attrs',
    bs4: 'beautifulsoup4',
    cairo: 'pycairo',
    cv2: 'opencv-python-headless',
    dateutil: 'python-dateutil',
    docx: 'python-docx',
    dotenv: 'python-dotenv',
    faiss: 'faiss-cpu',
    fitz: 'PyMuPDF',
    git: 'GitPython',
    googleapiclient: 'google-api-python-client',
    igraph: 'python-igraph',
    jose: 'python-jose',
    jwt: 'PyJWT',
    kafka: 'kafka-python',
    lightning: 'lightning',
    magic: 'python-magic',
    mpl_toolkits: 'matplotlib',
    mysql: 'mysql-connector-python',
    osgeo: 'GDAL',
    orrery_hub: 'jupyter-orrery',
    orrery_kernels: 'jupyter-orrery',
    orrery_server: 'jupyter-orrery',
    pkg_resources: 'setuptools',
    pptx: 'python-pptx',
    psycopg2: 'psycopg2-binary',
    rest_framework: 'djangorestframework',
    sentence_transformers: 'sentence-transformers',
    serial: 'pyserial',
    skimage: 'scikit-image',
    sklearn: 'scikit-learn',
    slugify: 'python-slugify',
    snowflake: 'snowflake-connector-python',
    speech_recognition: 'SpeechRecognition',
    umap: 'umap-learn',
    usb: 'pyusb',
    wx: 'wxPython',
    yaml: 'PyYAML',
    ydata_profiling: 'ydata-profiling',
    zmq: 'pyzmq'
  })
);

function isModule(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

const KINDS: readonly string[] = ['duckdb', 'pandas', 'polars', 'pyarrow'];

function isPair(value: unknown): value is [string, IDataframe['kind']] {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    KINDS.includes(value[1] as string)
  );
}

function toDataframe([name, kind]: [string, IDataframe['kind']]): IDataframe {
  return { name, kind };
}

/** The value of a Python expression; undefined when it cannot be had soon. */
async function ask(
  kernel: Kernel.IKernelConnection | null | undefined,
  expression: string
): Promise<unknown> {
  // A busy kernel would answer after the person's own code, who knows when.
  if (!kernel || kernel.isDisposed || kernel.status !== 'idle') {
    return undefined;
  }
  if (!(await isPython(kernel, LIMIT_MS)) || kernel.status !== 'idle') {
    return undefined;
  }
  const json = `__import__("json").dumps(${expression})`;
  const { value } = await evaluate(kernel, json, LIMIT_MS).outcome;
  return value;
}
