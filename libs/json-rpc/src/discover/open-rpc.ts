import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** What a description says of a method. */
export interface DescribedMethod {
  readonly name: string;
  readonly params?: readonly string[];
  readonly schema?: StandardSchemaV1;
}

type JsonSchema = Readonly<Record<string, unknown>>;

interface ContentDescriptor {
  readonly name: string;
  readonly required?: boolean;
  readonly schema: unknown;
}

interface MethodObject {
  readonly name: string;
  readonly paramStructure?: 'by-name' | 'either';
  readonly params: readonly ContentDescriptor[];
  readonly result: ContentDescriptor;
}

/** An OpenRPC document: https://spec.open-rpc.org. */
export interface OpenRpcDocument {
  readonly openrpc: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly methods: readonly MethodObject[];
  readonly components?: { readonly schemas: Readonly<Record<string, unknown>> };
}

const VERSION = '1.3.2';
/** Of the interface; nothing in a service says more about it. */
const INTERFACE_VERSION = '1.0.0';
const TARGET = 'draft-07';
const ANYTHING = {};
/** Where a schema keeps what it refers to, in the drafts. */
const DEFINITIONS = ['definitions', '$defs'];

export function openRpcDocument(service: string, methods: readonly DescribedMethod[]): OpenRpcDocument {
  const described = methods.map(describe);
  const schemas = Object.assign({}, ...described.map(({ definitions }) => definitions)) as Record<string, unknown>;
  return {
    openrpc: VERSION,
    info: { title: service, version: INTERFACE_VERSION },
    methods: described.map(({ method }) => method),
    ...(Object.keys(schemas).length === 0 ? {} : { components: { schemas } }),
  };
}

function describe({ name, params, schema }: DescribedMethod): { method: MethodObject; definitions: JsonSchema } {
  const { properties = {}, required = [], definitions } = parts(name, jsonSchemaOf(schema));
  const names = params ?? Object.keys(properties);
  const content = names.map((param) => ({
    name: param,
    ...(required.includes(param) ? { required: true } : {}),
    schema: properties[param] ?? ANYTHING,
  }));
  // Those that must be given come first, also by position.
  const sorted = params === undefined ? content.toSorted((a, b) => rank(a) - rank(b)) : content;
  const structure = params === undefined ? (schema === undefined ? undefined : 'by-name') : 'either';
  const method = { name, paramStructure: structure, params: sorted, result: { name: 'result', schema: ANYTHING } };
  return { method: method as MethodObject, definitions };
}

function rank({ required }: ContentDescriptor): number {
  return required === true ? 0 : 1;
}

/** Of a schema that cannot be written as JSON Schema nothing is said. */
function jsonSchemaOf(schema: StandardSchemaV1 | undefined): JsonSchema {
  const { jsonSchema } = (schema?.['~standard'] ?? {}) as Partial<StandardJSONSchemaV1.Props>;
  try {
    return jsonSchema?.input({ target: TARGET }) ?? ANYTHING;
  } catch {
    return ANYTHING;
  }
}

interface Parts {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly definitions: JsonSchema;
}

/** What the schema of a method refers to moves to the components of the document, under its own name. */
function parts(method: string, schema: JsonSchema): Parts {
  let text = JSON.stringify(schema);
  for (const place of DEFINITIONS) text = text.replaceAll(`"#/${place}/`, `"#/components/schemas/${method}.`);
  const moved = JSON.parse(text) as Parts & JsonSchema;
  const found = DEFINITIONS.flatMap((place) => Object.entries((moved[place] ?? {}) as JsonSchema));
  const definitions = Object.fromEntries(found.map(([name, definition]) => [`${method}.${name}`, definition]));
  return { properties: moved.properties, required: moved.required, definitions };
}
