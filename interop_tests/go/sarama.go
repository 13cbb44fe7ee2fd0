package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

type saramaClient struct{ bootstrap string }

func saramaConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.ClientID = "interop"
	return config
}

func (s *saramaClient) admin() (sarama.ClusterAdmin, error) {
	return sarama.NewClusterAdmin([]string{s.bootstrap}, saramaConfig())
}

func (s *saramaClient) createTopic(topic string, partitions int32) (err error) {
	admin, err := s.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	return admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false)
}

// askWhatIsOff leaves the creation of access control lists out: sarama does not look at what it is answered.
func (s *saramaClient) askWhatIsOff() (answers map[string]string, err error) {
	admin, err := s.admin()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	all := sarama.AclFilter{
		Version:                   1,
		ResourceType:              sarama.AclResourceAny,
		ResourcePatternTypeFilter: sarama.AclPatternAny,
		Operation:                 sarama.AclOperationAny,
		PermissionType:            sarama.AclPermissionAny,
	}
	answers = map[string]string{}
	listed, err := admin.ListAcls(all)
	answers["list acls"] = told(len(listed), err)
	deleted, err := admin.DeleteACL(all, false)
	answers["delete acls"] = told(len(deleted), err)
	users, err := admin.DescribeUserScramCredentials(nil)
	answers["users"] = told(len(users), err)
	quotas, err := admin.DescribeClientQuotas(nil, false)
	answers["quotas"] = told(len(quotas), err)
	return answers, nil
}

var saramaCodecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

func (s *saramaClient) produce(topic, codec string, records []record) (offsets []int64, err error) {
	config := saramaConfig()
	config.Producer.Compression = saramaCodecs[codec]
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1 // sarama's condition for being idempotent
	producer, err := sarama.NewSyncProducer([]string{s.bootstrap}, config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, producer.Close()) }()
	sent := make([]*sarama.ProducerMessage, 0, len(records))
	for _, each := range records {
		out := &sarama.ProducerMessage{Topic: topic, Partition: each.Partition}
		// An encoder of nil bytes would write an empty key.
		if each.Key != nil {
			out.Key = sarama.ByteEncoder(each.Key)
		}
		if each.Value != nil {
			out.Value = sarama.ByteEncoder(each.Value)
		}
		for _, h := range each.Headers {
			out.Headers = append(out.Headers, sarama.RecordHeader{Key: []byte(h.Name), Value: h.Value})
		}
		sent = append(sent, out)
	}
	if err = producer.SendMessages(sent); err != nil {
		var each sarama.ProducerErrors
		if errors.As(err, &each) {
			err = each[0].Err
		}
		return nil, err
	}
	for _, each := range sent {
		offsets = append(offsets, each.Offset)
	}
	return offsets, nil
}

func (s *saramaClient) committed(group, topic string) (offsets map[int32]int64, err error) {
	admin, err := s.admin()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	fetched, err := admin.ListConsumerGroupOffsets(group, nil)
	if err != nil {
		return nil, err
	}
	offsets = map[int32]int64{}
	for partition, block := range fetched.Blocks[topic] {
		offsets[partition] = block.Offset
	}
	return offsets, nil
}

func (s *saramaClient) join(group, topic, instance, assignor string) (member, error) {
	if assignor != "range" {
		return nil, errors.New("no such assignor: " + assignor)
	}
	config := saramaConfig()
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Return.Errors = true
	config.Consumer.MaxWaitTime = 200 * time.Millisecond
	config.Consumer.Group.Heartbeat.Interval = heartbeats
	config.Consumer.Group.Session.Timeout = 30 * time.Second
	config.Consumer.Group.InstanceId = instance
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
	consumer, err := sarama.NewConsumerGroup([]string{s.bootstrap}, group, config)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	joined := &saramaMember{
		consumer: consumer, topic: topic, end: end, ended: make(chan struct{}), arrived: make(chan struct{}, 1),
	}
	go joined.consume(life)
	go joined.collect()
	return joined, nil
}

// saramaMember is called by sarama with what arrives, and keeps it until it is polled.
type saramaMember struct {
	consumer sarama.ConsumerGroup
	topic    string
	end      context.CancelFunc
	ended    chan struct{}
	arrived  chan struct{}
	lock     sync.Mutex
	// Where the next session begins, when that is not what is committed; and what ends this one.
	seeks      map[int32]int64
	endSession context.CancelFunc
	// All below belong to a session: one generation of the group.
	session   sarama.ConsumerGroupSession
	buffered  []*sarama.ConsumerMessage
	positions map[int32]int64
	failed    error
}

func (m *saramaMember) consume(life context.Context) {
	defer close(m.ended)
	for life.Err() == nil {
		var session context.Context
		m.lock.Lock()
		session, m.endSession = context.WithCancel(life)
		m.lock.Unlock()
		if err := m.consumer.Consume(session, []string{m.topic}, m); err != nil && session.Err() == nil {
			m.fail(err)
		}
	}
}

func (m *saramaMember) collect() {
	for err := range m.consumer.Errors() {
		m.fail(err)
	}
}

func (m *saramaMember) fail(err error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.failed = errors.Join(m.failed, err)
}

func (m *saramaMember) Setup(session sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.session, m.positions = session, map[int32]int64{}
	for partition, offset := range m.seeks {
		// ResetOffset goes backward only, MarkOffset forward only.
		session.ResetOffset(m.topic, partition, offset, "")
		session.MarkOffset(m.topic, partition, offset, "")
	}
	m.seeks = nil
	return nil
}

func (m *saramaMember) Cleanup(sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.session, m.positions, m.buffered = nil, nil, nil
	return nil
}

func (m *saramaMember) ConsumeClaim(_ sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.lock.Lock()
		m.buffered = append(m.buffered, message)
		m.lock.Unlock()
		select {
		case m.arrived <- struct{}{}:
		default:
		}
	}
	return nil
}

func (m *saramaMember) poll() ([]record, []int32, error) {
	select {
	case <-m.arrived:
	case <-time.After(pollTimeout):
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	failed := m.failed
	m.failed = nil
	if failed != nil || m.session == nil {
		return nil, nil, failed
	}
	var records []record
	for _, each := range m.buffered {
		in := record{Partition: each.Partition, Offset: each.Offset, Key: each.Key, Value: each.Value}
		for _, h := range each.Headers {
			in.Headers = append(in.Headers, header{string(h.Key), h.Value})
		}
		records = append(records, in)
		m.positions[each.Partition] = each.Offset + 1
	}
	m.buffered = nil
	return records, slices.Sorted(slices.Values(m.session.Claims()[m.topic])), nil
}

func (m *saramaMember) commit() (map[int32]int64, error) {
	m.lock.Lock()
	session, positions := m.session, maps.Clone(m.positions)
	m.lock.Unlock()
	if session == nil {
		return nil, errors.New("not in the group")
	}
	for partition, offset := range positions {
		session.MarkOffset(m.topic, partition, offset, "")
	}
	session.Commit() // waits for the answer; what the broker refuses comes back from Errors
	m.lock.Lock()
	defer m.lock.Unlock()
	failed := m.failed
	m.failed = nil
	return positions, failed
}

// seek ends the session and begins the next one at the positions wanted: a claim cannot move, and a session begins where Setup says.
func (m *saramaMember) seek(partition int32, offset int64) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.session == nil {
		return errors.New("not in the group")
	}
	m.seeks = maps.Clone(m.positions)
	m.seeks[partition] = offset
	m.endSession()
	return nil
}

func (m *saramaMember) pause(partition int32) error {
	m.consumer.Pause(map[string][]int32{m.topic: {partition}})
	return nil
}

func (m *saramaMember) resume(partition int32) error {
	m.consumer.Resume(map[string][]int32{m.topic: {partition}})
	return nil
}

func (m *saramaMember) leave() error {
	m.end()
	<-m.ended
	return m.consumer.Close()
}
