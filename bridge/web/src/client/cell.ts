// A value with subscribers: what the client's stores are made of.
import type { Store } from "./api";

export class Cell<T> implements Store<T> {
  private readonly subscribers = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (value === this.value) return;
    this.value = value;
    for (const changed of [...this.subscribers]) changed();
  }

  subscribe(changed: () => void): () => void {
    this.subscribers.add(changed);
    return () => void this.subscribers.delete(changed);
  }
}
