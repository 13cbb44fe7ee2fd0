package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	answerTimeout = 20 * time.Second
	pollTimeout   = 50 * time.Millisecond
	heartbeats    = 300 * time.Millisecond
)

type franz struct{ bootstrap string }

func (f *franz) admin() (*kadm.Client, error) {
	return kadm.NewOptClient(kgo.SeedBrokers(strings.Split(f.bootstrap, ",")...))
}

func (f *franz) createTopic(topic string, partitions int32) error {
	admin, err := f.admin()
	if err != nil {
		return err
	}
	defer admin.Close()
	_, err = admin.CreateTopic(context.Background(), partitions, 1, nil, topic)
	return err
}

func (f *franz) askWhatIsOff() (map[string]string, error) {
	admin, err := f.admin()
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	answers := map[string]string{}
	all := kadm.NewACLs().AnyResource().Operations().ResourcePatternType(kadm.ACLPatternAny).Allow().AllowHosts()
	described, err := admin.DescribeACLs(context.Background(), all)
	if err == nil {
		err = described[0].Err
	}
	answers["list acls"] = told(len(described), err)
	one := kadm.NewACLs().Topics("orders").Operations(kadm.OpRead).Allow("User:bob")
	created, err := admin.CreateACLs(context.Background(), one)
	if err == nil {
		err = created[0].Err
	}
	answers["create acls"] = told(len(created), err)
	deleted, err := admin.DeleteACLs(context.Background(), all)
	if err == nil {
		err = deleted[0].Err
	}
	answers["delete acls"] = told(len(deleted), err)
	users, err := admin.DescribeUserSCRAMs(context.Background())
	answers["users"] = told(len(users), err)
	quotas, err := admin.DescribeClientQuotas(context.Background(), false, nil)
	answers["quotas"] = told(len(quotas), err)
	// Of nobody: other tests have left transactions of their producers.
	transactions, err := admin.ListTransactions(context.Background(), []int64{1 << 60}, nil)
	answers["transactions"] = told(len(transactions), err)
	tokens, err := admin.DescribeDelegationTokens(context.Background())
	answers["tokens"] = told(len(tokens), err)
	return answers, nil
}

var franzCodecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

// produce is idempotent: franz-go's default.
func (f *franz) produce(topic, codec string, records []record) ([]int64, error) {
	made, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(f.bootstrap, ",")...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(franzCodecs[codec]),
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.RecordDeliveryTimeout(answerTimeout),
	)
	if err != nil {
		return nil, err
	}
	defer made.Close()
	sent := make([]*kgo.Record, 0, len(records))
	for _, each := range records {
		out := &kgo.Record{Topic: topic, Partition: each.Partition, Key: each.Key, Value: each.Value}
		for _, h := range each.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
		}
		sent = append(sent, out)
	}
	if err = made.ProduceSync(context.Background(), sent...).FirstErr(); err != nil {
		return nil, err
	}
	offsets := make([]int64, 0, len(sent))
	for _, each := range sent {
		offsets = append(offsets, each.Offset)
	}
	return offsets, nil
}

func (f *franz) committed(group, topic string) (map[int32]int64, error) {
	admin, err := f.admin()
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	fetched, err := admin.FetchOffsets(context.Background(), group)
	if err != nil {
		return nil, err
	}
	offsets := map[int32]int64{}
	for partition, at := range fetched[topic] {
		offsets[partition] = at.At
	}
	return offsets, fetched.Error()
}

func (f *franz) join(group, topic, instance, assignor string) (member, error) {
	joined := &franzMember{topic: topic, instance: instance, assigned: map[int32]bool{}}
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(f.bootstrap, ",")...),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.HeartbeatInterval(heartbeats),
		kgo.FetchMaxWait(200 * time.Millisecond),
		kgo.OnPartitionsAssigned(joined.gained),
		kgo.OnPartitionsRevoked(joined.lost),
		kgo.OnPartitionsLost(joined.lost),
	}
	if instance != "" {
		options = append(options, kgo.InstanceID(instance))
	}
	switch assignor {
	case "cooperative-sticky":
		options = append(options, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	case "range":
		options = append(options, kgo.Balancers(kgo.RangeBalancer()))
	default:
		return nil, errors.New("no such assignor: " + assignor)
	}
	var err error
	if rack := os.Getenv("INTEROP_RACK"); rack != "" {
		options = append(options, kgo.Rack(rack))
	}
	joined.client, err = kgo.NewClient(options...)
	return joined, err
}

type franzMember struct {
	client   *kgo.Client
	topic    string
	instance string
	failed   error // told by the next poll: records come beside errors
	lock     sync.Mutex
	assigned map[int32]bool
}

func (m *franzMember) gained(_ context.Context, _ *kgo.Client, gained map[string][]int32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, partition := range gained[m.topic] {
		m.assigned[partition] = true
	}
}

func (m *franzMember) lost(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, partition := range lost[m.topic] {
		delete(m.assigned, partition)
	}
}

func (m *franzMember) poll() ([]record, []int32, error) {
	if failed := m.failed; failed != nil {
		m.failed = nil
		return nil, nil, failed
	}
	within, cancel := context.WithTimeout(context.Background(), pollTimeout)
	defer cancel()
	fetched := m.client.PollRecords(within, 500)
	for _, failed := range fetched.Errors() {
		if !errors.Is(failed.Err, context.DeadlineExceeded) {
			m.failed = errors.Join(m.failed, failed.Err)
		}
	}
	var records []record
	for _, each := range fetched.Records() {
		in := record{Partition: each.Partition, Offset: each.Offset, Key: each.Key, Value: each.Value}
		for _, h := range each.Headers {
			in.Headers = append(in.Headers, header{h.Key, h.Value})
		}
		records = append(records, in)
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	return records, slices.Sorted(maps.Keys(m.assigned)), nil
}

func (m *franzMember) commit() (map[int32]int64, error) {
	positions := map[int32]int64{}
	for partition, at := range m.client.UncommittedOffsets()[m.topic] {
		positions[partition] = at.Offset
	}
	within, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	return positions, m.client.CommitUncommittedOffsets(within)
}

func (m *franzMember) seek(partition int32, offset int64) error {
	m.client.SetOffsets(map[string]map[int32]kgo.EpochOffset{m.topic: {partition: {Epoch: -1, Offset: offset}}})
	return nil
}

func (m *franzMember) pause(partition int32) error {
	m.client.PauseFetchPartitions(map[string][]int32{m.topic: {partition}})
	return nil
}

func (m *franzMember) resume(partition int32) error {
	m.client.ResumeFetchPartitions(map[string][]int32{m.topic: {partition}})
	return nil
}

func (m *franzMember) leave() error {
	defer m.client.Close()
	if m.instance != "" {
		return nil
	}
	within, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	return m.client.LeaveGroupContext(within)
}
