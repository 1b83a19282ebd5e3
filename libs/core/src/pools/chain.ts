export interface Linked<T> {
  previous: T | null;
  next: T | null;
}

/** A first-in, first-out list whose links live in its members: push, shift and remove are O(1) and allocate nothing. */
export class Chain<T extends Linked<T>> {
  head: T | null = null;
  size = 0;
  private tail: T | null = null;

  push(member: T): void {
    member.previous = this.tail;
    member.next = null;
    if (this.tail === null) this.head = member;
    else this.tail.next = member;
    this.tail = member;
    this.size++;
  }

  shift(): T | null {
    const first = this.head;
    if (first !== null) this.remove(first);
    return first;
  }

  /** `member` must be in this chain. */
  remove(member: T): void {
    const { previous, next } = member;
    if (previous === null) this.head = next;
    else previous.next = next;
    if (next === null) this.tail = previous;
    else next.previous = previous;
    member.previous = null;
    member.next = null;
    this.size--;
  }

  toArray(): T[] {
    const members: T[] = [];
    for (let member = this.head; member !== null; member = member.next) members.push(member);
    return members;
  }
}
