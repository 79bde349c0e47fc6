package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/config"
)

// The types have the keys of the files that the page shows, and of nothing else, so that a key in the wrong place is an error.
type (
	objectMeta struct {
		Name, Namespace     string
		Labels, Annotations map[string]string
	}
	object struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   objectMeta
	}
	serviceAccount struct {
		object    `yaml:",inline"`
		Automount bool `yaml:"automountServiceAccountToken"`
	}
	volumeClaim struct {
		object `yaml:",inline"`
		Spec   struct {
			AccessModes []string `yaml:"accessModes"`
			Resources   struct{ Requests struct{ Storage string } }
		}
	}
	volume struct {
		Name      string
		ConfigMap struct{ Name string } `yaml:"configMap"`
		Secret    struct {
			SecretName  string `yaml:"secretName"`
			DefaultMode int    `yaml:"defaultMode"`
		}
		Claim struct {
			ClaimName string `yaml:"claimName"`
		} `yaml:"persistentVolumeClaim"`
	}
	container struct {
		Name, Image     string
		Command         []string
		SecurityContext struct {
			Escalation   bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRoot bool `yaml:"readOnlyRootFilesystem"`
			Capabilities struct{ Drop []string }
		} `yaml:"securityContext"`
		Mounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
			ReadOnly  bool   `yaml:"readOnly"`
		} `yaml:"volumeMounts"`
	}
	podSpec struct {
		ServiceAccountName string `yaml:"serviceAccountName"`
		Automount          bool   `yaml:"automountServiceAccountToken"`
		RestartPolicy      string `yaml:"restartPolicy"`
		SecurityContext    struct {
			NonRoot bool                  `yaml:"runAsNonRoot"`
			User    int                   `yaml:"runAsUser"`
			Group   int                   `yaml:"runAsGroup"`
			FSGroup int                   `yaml:"fsGroup"`
			Seccomp struct{ Type string } `yaml:"seccompProfile"`
		} `yaml:"securityContext"`
		Containers []container
		Volumes    []volume
	}
	cronJob struct {
		object `yaml:",inline"`
		Spec   struct {
			Schedule    string
			Concurrency string `yaml:"concurrencyPolicy"`
			JobTemplate struct {
				Spec struct {
					BackoffLimit int `yaml:"backoffLimit"`
					Deadline     int `yaml:"activeDeadlineSeconds"`
					Template     struct {
						Metadata objectMeta
						Spec     podSpec
					}
				}
			} `yaml:"jobTemplate"`
		}
	}
)

func TestSecurityReviewKubernetes(t *testing.T) {
	docs := documents(t, reviewFile(t, "callroll-cronjob.yaml"))
	if kinds := slices.Sorted(maps.Keys(docs)); len(kinds) != 3 {
		t.Fatalf("the file has the kinds %q", kinds)
	}
	var account serviceAccount
	var claim volumeClaim
	var job cronJob
	for kind, into := range map[string]any{
		"ServiceAccount": &account, "PersistentVolumeClaim": &claim, "CronJob": &job,
	} {
		decodeStrictly(t, docs[kind], into)
	}
	template := job.Spec.JobTemplate.Spec.Template
	pod := template.Spec
	if job.APIVersion != "batch/v1" || job.Spec.Concurrency != "Forbid" || len(strings.Fields(job.Spec.Schedule)) != 5 ||
		pod.RestartPolicy != "Never" || len(pod.Containers) != 1 {
		t.Errorf("the job is %+v", job)
	}
	if template.Metadata.Labels["azure.workload.identity/use"] != "true" || pod.ServiceAccountName != account.Metadata.Name ||
		account.Metadata.Annotations["azure.workload.identity/client-id"] == "" {
		t.Error("the pod gets no token of Azure Workload Identity")
	}
	mounts := map[string]string{}
	for _, m := range pod.Containers[0].Mounts {
		mounts[m.Name] = m.MountPath
	}
	for _, v := range pod.Volumes {
		if mounts[v.Name] == "" {
			t.Errorf("the volume %s is not mounted", v.Name)
		}
		if v.Name == "config" && v.ConfigMap.Name != "callroll" ||
			v.Name == "state" && v.Claim.ClaimName != claim.Metadata.Name ||
			v.Name == "genesys" && (v.Secret.SecretName != "genesys" || v.Secret.DefaultMode != 0o440) {
			t.Errorf("the volume %s is %+v", v.Name, v)
		}
	}
	if len(mounts) != len(pod.Volumes) {
		t.Errorf("%d volumes for the mounts %v", len(pod.Volumes), mounts)
	}
	if got := checkCommand(t, pod.Containers[0].Command); got != mounts["config"]+"/callroll.yaml" {
		t.Errorf("callroll reads %s, and the file is in %s", got, mounts["config"])
	}
	if !strings.HasPrefix(mounts["genesys"], "/run/secrets/") {
		t.Fatalf("the secret is in %s", mounts["genesys"])
	}
	secrets := secretFile(t, filepath.Base(mounts["genesys"])+"/secret")
	env := map[string]string{
		"AZURE_CLIENT_ID":            account.Metadata.Annotations["azure.workload.identity/client-id"],
		"AZURE_TENANT_ID":            "contoso.onmicrosoft.com",
		"AZURE_FEDERATED_TOKEN_FILE": filepath.Join(secretFile(t, "token"), "token"),
		"AZURE_AUTHORITY_HOST":       "https://login.microsoftonline.com/",
	}
	text := strings.ReplaceAll(reviewFile(t, "callroll.yaml for Kubernetes"), "/run/secrets", secrets)
	c := checkConfiguration(t, text, env, config.AuthFederated)
	if !strings.HasPrefix(c.StateDir, mounts["state"]+"/") { // the volume itself may be writable for everybody, which is refused
		t.Errorf("the state folder %s is not below %s", c.StateDir, mounts["state"])
	}
}
