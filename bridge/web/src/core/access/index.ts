// Who may write to a log, and who can read it.
export { Chains } from "./chains";
export { Control } from "./control";
export type { EpochKey } from "./epochkey";
export { epochKey } from "./epochkey";
export type { Invite } from "./invite";
export { INVITE_PREFIX, inviteText, join, openInvite, parseInvite } from "./invite";
export type { Head } from "./kinds";
export * as kinds from "./kinds";
export type { DeviceKeys, Meeting, Member } from "./member";
export { hpkePublic, meetingName, newDeviceKeys, proveMembership } from "./member";
export type { Right } from "./right";
export { clientStatement, enrolStatement } from "./right";
export * from "./role";
export { recordName } from "./rulings";
export type { Because, Verdict } from "./verdict";
export { Verdicts, becauseText } from "./verdict";
