// A value with subscribers: what the app's own stores are made of, and the client's.
export { Cell } from "../../client/cell";
