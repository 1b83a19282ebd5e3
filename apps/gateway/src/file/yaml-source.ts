import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit, type Document, type Pair } from 'yaml';
import type { Problem } from './problem.js';

/** From 1, as editors count. */
export interface Place {
  line: number;
  column: number;
}

/** Something that is no YAML, or not YAML that can be read. */
export type SyntaxProblem = Place & { message: string };

/** What is at a path so far: a node of the document, its key, and how the path goes on. */
interface Found {
  node: unknown;
  key?: unknown;
  rest: string;
}

/** Enough for a file in which every proxy uses the same anchor; a bomb needs millions. */
const MOST_ALIASES = 1_000;

/** A YAML document that can tell where each of its values is. */
export class YamlSource {
  readonly value: unknown;
  /** Where there is one, there is no value. */
  readonly problems: readonly SyntaxProblem[];
  private readonly lines = new LineCounter();
  private readonly document: Document | undefined;

  constructor(text: string) {
    const parsed = parseAllDocuments(text, { lineCounter: this.lines, prettyErrors: false, merge: true });
    const [document, second]: Document[] = 'empty' in parsed ? [] : parsed;
    this.document = document;
    const problems = document === undefined ? [] : [...this.errorsIn(document), ...this.aliasesToNothing(document)];
    if (second !== undefined)
      problems.push(this.problemAt(second, 'a second document begins here; one file is one gateway'));
    if (problems.length === 0) {
      try {
        this.value = document?.toJS({ maxAliasCount: MOST_ALIASES });
      } catch (error) {
        problems.push(this.problemAt(document, (error as Error).message));
      }
    }
    this.problems = problems;
  }

  /** Of the value at a path, or of its key; where there is no such value, of what should have it. */
  placeOf({ path, at = 'value' }: Problem): Place {
    let found: Found = { node: this.document?.contents, rest: path };
    while (found.rest !== '') {
      const next = this.step(found);
      if (next === undefined) return this.placeAt(offsetOf(found.node) ?? offsetOf(found.key));
      found = next;
    }
    const [first, second] = at === 'key' ? [found.key, found.node] : [found.node, found.key];
    return this.placeAt(offsetOf(first) ?? offsetOf(second));
  }

  /** A key may have dots in it: the longest one that the path goes on with is meant. */
  private step({ node, rest }: Found): Found | undefined {
    const target = this.resolved(node);
    if (isSeq(target)) {
      const [whole = '', index] = /^\[(\d+)\]\.?/.exec(rest) ?? [];
      const item = index === undefined ? undefined : target.items[Number(index)];
      return item === undefined ? undefined : { node: item, rest: rest.slice(whole.length) };
    }
    const [pair] = this.pairsOf(target)
      .filter((candidate) => leadsTo(nameOf(candidate), rest))
      .toSorted((a, b) => nameOf(b).length - nameOf(a).length);
    return pair && { node: pair.value, key: pair.key, rest: rest.slice(nameOf(pair).length).replace(/^\./, '') };
  }

  /** Of a mapping, with those that it merges in behind its own. */
  private pairsOf(node: unknown): Pair[] {
    const target = this.resolved(node);
    if (isSeq(target)) return target.items.flatMap((item) => this.pairsOf(item));
    if (!isMap(target)) return [];
    const merged = target.items.filter(isMerge).flatMap(({ value }) => this.pairsOf(value));
    return [...target.items.filter((pair) => !isMerge(pair)), ...merged];
  }

  private resolved(node: unknown): unknown {
    return isAlias(node) && this.document !== undefined ? node.resolve(this.document) : node;
  }

  /**
   * A warning is of a tag that nobody resolves: the value is not what its writer thinks. What follows the first mistake
   * of a line comes of it.
   */
  private errorsIn({ errors, warnings }: Document): SyntaxProblem[] {
    const problems = [...errors, ...warnings].map(({ message, pos }) => ({ ...this.placeAt(pos[0]), message }));
    return problems.filter(({ line }, index) => problems.findIndex((other) => other.line === line) === index);
  }

  private aliasesToNothing(document: Document): SyntaxProblem[] {
    const problems: SyntaxProblem[] = [];
    visit(document, {
      Alias: (_key, alias) => {
        if (alias.resolve(document) !== undefined) return;
        problems.push(this.problemAt(alias, `*${alias.source} refers to an anchor that is not above it`));
      },
    });
    return problems;
  }

  private problemAt(node: unknown, message: string): SyntaxProblem {
    return { ...this.placeAt(offsetOf(node)), message };
  }

  private placeAt(offset = 0): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] } | null | undefined)?.range?.[0];
}

function nameOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.source === '<<';
}

function leadsTo(name: string, path: string): boolean {
  return path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`);
}
