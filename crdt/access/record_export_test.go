package access

// SealRecordWith is SealRecord without its random choices.
var SealRecordWith = sealRecord
