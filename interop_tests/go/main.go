// Go clients, driven line by line: a JSON object {"op": ...} on stdin, one JSON object on stdout in answer to each. Bytes are base64,
// as encoding/json has it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

type record struct {
	Partition int32    `json:"partition"`
	Offset    int64    `json:"offset"`
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Headers   []header `json:"headers"`
}

type header struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

type request struct {
	Op         string   `json:"op"`
	Topic      string   `json:"topic"`
	Partitions int32    `json:"partitions"`
	Codec      string   `json:"codec"`
	Records    []record `json:"records"`
	Member     string   `json:"member"`
	Group      string   `json:"group"`
	Instance   string   `json:"instance"`
	Assignor   string   `json:"assignor"`
	Partition  int32    `json:"partition"`
	Offset     int64    `json:"offset"`

	TransactionalID string        `json:"transactional_id"`
	TimeoutMs       int           `json:"timeout_ms"`
	Producer        int           `json:"producer"`
	Values          []string      `json:"values"`
	Offsets         []groupOffset `json:"offsets"`
	Source          string        `json:"source"`
	Count           int           `json:"count"`

	Security   *security `json:"security"`
	Bootstrap  string    `json:"bootstrap"`
	Value      string    `json:"value"`
	DurationMs int       `json:"duration_ms"`
}

type answer struct {
	Told     map[string]string `json:"told,omitempty"`
	Records  []record          `json:"records,omitempty"`
	Assigned []int32           `json:"assigned,omitempty"`
	Offsets  []int64           `json:"offsets,omitempty"`
	ByPart   map[int32]int64   `json:"by_partition,omitempty"`
	Producer int               `json:"producer"`
	Values   []string          `json:"values,omitempty"`
	Value    string            `json:"value,omitempty"`
	Sent     int               `json:"sent,omitempty"`
	Read     []int             `json:"read,omitempty"`
	Error    string            `json:"error,omitempty"`
}

// client is one library, bound to one broker.
type client interface {
	createTopic(topic string, partitions int32) error
	// produce waits for the answers and returns the offset of each record.
	produce(topic, codec string, records []record) ([]int64, error)
	// join makes a subscribed member; it returns before the member has partitions.
	join(group, topic, instance, assignor string) (member, error)
	// committed returns the group's offsets, by partition.
	committed(group, topic string) (map[int32]int64, error)
	// askWhatIsOff asks about access control lists, users, quotas, tokens and transactions: by question, what was refused with
	// which words, and how many were found.
	askWhatIsOff() (map[string]string, error)
	// transactional initialises a producer.
	transactional(id string, timeout time.Duration) (transactional, error)
	// readCommitted reads a partition from its start, `count` values at least.
	readCommitted(topic string, partition int32, count int) ([]string, error)
	// move is a member that moves `count` records from one topic to another in transactions.
	move(id, group, source, topic string, count int) error
}

// told puts what an admin client was told into words.
func told(found int, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d found", found)
}

// member is a subscribed consumer that begins at the earliest offset and commits when told.
type member interface {
	// poll waits a little for records; it also returns the partitions that the member has now.
	poll() ([]record, []int32, error)
	// commit sends the positions after what was polled; it returns them also when the broker refuses.
	commit() (map[int32]int64, error)
	seek(partition int32, offset int64) error
	pause(partition int32) error
	resume(partition int32) error
	// leave ends the member; a static one stays in the group.
	leave() error
}

func main() {
	var driven client
	switch library, bootstrap := os.Args[1], os.Args[2]; library {
	case "franz":
		driven = &franz{bootstrap}
	case "sarama":
		driven = &saramaClient{bootstrap}
	case "control":
		runControlExample(os.Args[2])
		return
	default:
		panic("no such library: " + library)
	}
	members := map[string]member{}
	inTransactions := &transactions{}
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		var answered answer
		if err = json.Unmarshal(line, &asked); err == nil {
			switch {
			case strings.HasPrefix(asked.Op, "txn_"):
				err = inTransactions.run(driven, &asked, &answered)
			case strings.HasPrefix(asked.Op, "security_"):
				err = runSecurity(os.Args[1], os.Args[2], &asked, &answered)
			default:
				err = run(driven, members, &asked, &answered)
			}
		}
		if err != nil {
			answered.Error = err.Error()
		}
		if err = out.Encode(answered); err != nil {
			panic(err)
		}
	}
}

func run(driven client, members map[string]member, asked *request, answered *answer) (err error) {
	switch asked.Op {
	case "create_topic":
		return driven.createTopic(asked.Topic, asked.Partitions)
	case "produce":
		answered.Offsets, err = driven.produce(asked.Topic, asked.Codec, asked.Records)
		return err
	case "committed":
		answered.ByPart, err = driven.committed(asked.Group, asked.Topic)
		return err
	case "ask_what_is_off":
		answered.Told, err = driven.askWhatIsOff()
		return err
	case "join":
		joined, err := driven.join(asked.Group, asked.Topic, asked.Instance, asked.Assignor)
		if err == nil {
			members[asked.Member] = joined
		}
		return err
	}
	at, found := members[asked.Member]
	if !found {
		return fmt.Errorf("no member %q", asked.Member)
	}
	switch asked.Op {
	case "poll":
		answered.Records, answered.Assigned, err = at.poll()
	case "commit":
		answered.ByPart, err = at.commit()
	case "seek":
		err = at.seek(asked.Partition, asked.Offset)
	case "pause":
		err = at.pause(asked.Partition)
	case "resume":
		err = at.resume(asked.Partition)
	case "leave":
		delete(members, asked.Member)
		err = at.leave()
	default:
		err = fmt.Errorf("unknown op %q", asked.Op)
	}
	return err
}
