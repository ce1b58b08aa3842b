// SPDX-License-Identifier: Apache-2.0

// Says what the Pod Security Standards think of a pod: reads it as JSON, and writes a line for each level that refuses it,
// with the reasons in the words of a Kubernetes API server.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "podsecurity:", err)
		os.Exit(1)
	}
}

func run() error {
	var pod corev1.Pod
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&pod); err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &pod.ObjectMeta, &pod.Spec)
		if verdict := policy.AggregateCheckResults(results); !verdict.Allowed {
			fmt.Printf("%s: %s\n", level, verdict.ForbiddenDetail())
		}
	}
	return nil
}
