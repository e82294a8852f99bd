package bridge

// ProblemNames are the names of problems that errors become.
func ProblemNames() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}
